"""`sibiao config check`: everything that is wrong with configuration files, in one run."""

import json
import sys
from pathlib import Path

import click


@click.command(
    help="Check configuration: the files or folders at PATH, or the whole of board_configs. "
    "Errors and warnings of all files, each with file, line and column. Ends with 1 if there are "
    "errors.",
    epilog="Example: sibiao config check board_configs/communities/sample.toml",
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line for each problem.")
def command(paths, as_json):
    from sibiao.config.check.whole import Whole, found

    whole = Whole()
    for path in found(paths):
        whole.add(path)
    problems = whole.in_order()
    errors = [each for each in problems if each.is_error]
    if as_json:
        for each in problems:
            click.echo(json.dumps(each.as_dict(), ensure_ascii=False))
    else:
        for each in (*errors, *(each for each in problems if not each.is_error)):
            click.secho(str(each), fg="red" if each.is_error else "yellow")
        click.echo(
            f"{_counted(whole.files, 'file')}, {_counted(len(errors), 'error')}, "
            f"{_counted(len(problems) - len(errors), 'warning')}"
        )
    sys.exit(1 if errors else 0)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
