"""`sibiao sim`: the world around a converter, and a converter, for tests and laboratories."""

import click

from sibiao.lazy import Lazy


@click.group(
    cls=Lazy,
    package="sibiao.sim_commands",
    epilog="Example: sibiao sim converter sample --meters --taps",
    help="The world around a converter, and a converter, each at ports of this machine.",
)
def command():
    pass
