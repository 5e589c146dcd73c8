"""`sibiao config`: what configuration files mean."""

import click

from sibiao.lazy import Lazy


@click.group(
    cls=Lazy,
    package="sibiao.config_commands",
    epilog="Example: sibiao config check",
    help="What configuration files mean, before anything is flashed.",
)
def command():
    pass
