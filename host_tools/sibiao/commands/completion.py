"""`sibiao completion`: the script that lets a shell complete commands, options and names."""

import click
from click.shell_completion import get_completion_class

_PLACES = {
    "bash": 'eval "$(sibiao completion bash)"  # in ~/.bashrc',
    "zsh": 'eval "$(sibiao completion zsh)"  # in ~/.zshrc, behind compinit',
    "fish": "sibiao completion fish > ~/.config/fish/completions/sibiao.fish",
}


@click.command(
    help="Print the completion script of SHELL: commands, options, communities, profiles, ports.",
    epilog="Examples: " + "; ".join(_PLACES.values()),
)
@click.argument("shell", type=click.Choice(list(_PLACES)))
@click.pass_context
def command(context, shell):
    root = context.find_root()
    made = get_completion_class(shell)(root.command, {}, "sibiao", "_SIBIAO_COMPLETE")
    click.echo(made.source())
