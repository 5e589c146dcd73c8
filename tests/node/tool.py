"""The `sibiao` command beside a running node, and what it said."""

from click.testing import CliRunner
from sibiao.cli import cli
from sibiao.errors import SibiaoError

from tests.node.bridge import beside


def said(*arguments, typed=None):
    """(exit code, output, the error's sentence) of one command."""
    result = CliRunner().invoke(cli, arguments, input=typed)
    error = result.exception
    if error and not isinstance(error, SibiaoError | SystemExit):
        raise error
    text = str(error) if isinstance(error, SibiaoError) else ""
    return result.exit_code, result.stdout, text


def at_uplink(node, *commands, typed=None, **how):
    """What each of `name argument …` says; the uplink's port is put behind the name."""

    def run(bridge):
        return [said(name, bridge.url, *rest, typed=typed) for name, *rest in commands]

    return beside(node, run, **how)
