"""`sibiao bench`: the laboratory's test of one or many modules, with reports."""

import json
import secrets
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

import click

from sibiao.complete import COMMUNITY, PORT
from sibiao.errors import SibiaoError
from sibiao.ledger.options import account

_FOLDER = click.Path(path_type=Path, file_okay=False)
_SEEDS = 1 << 32


@click.group(
    invoke_without_command=True,
    help="Test modules as DB37/T 5104 asks, measure, judge, and leave reports: docs/bench.md. "
    "Exit code 0 only when every module passed.",
    epilog="Examples: sibiao bench --module virtual --quick; sibiao bench --module "
    "/dev/ttyACM0,uplink=/dev/ttyUSB0,generator=/dev/ttyACM1 --community four-water; "
    "sibiao bench history 2026000017",
)
@click.option(
    "--module",
    "texts",
    multiple=True,
    metavar="MODULE",
    help="pico (emulated), virtual (VM), or a real one: "
    "PORT,uplink=PORT[,generator=PORT][,BUS=PORT][,community=NAME]. May be repeated.  "
    "[default: virtual]",
)
@click.option(
    "--community",
    type=COMMUNITY,
    default="sample",
    show_default=True,
    help="What the modules run.",
)
@click.option("--generator", type=PORT, help="The pulse generator of the only real module.")
@click.option("--at-once", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--quick", is_flag=True, help="Less of everything: within three minutes.")
@click.option("--seed", type=click.IntRange(0), help="What a report names, to repeat it.")
@click.option("--only", multiple=True, metavar="CLAUSE", help="4.10, or channel; repeatable.")
@click.option(
    "--steps", multiple=True, type=_FOLDER, metavar="FOLDER", help="Further steps of your own."
)
@click.option("--operator", default=account, help="Who tests; the account's name, if not given.")
@click.option("--station", default="", help="At which place.")
@click.option("--out", type=_FOLDER, help="Where to.  [default: results/TIME-SERIAL]")
@click.option("--ledger", "ledger_path", type=click.Path(path_type=Path, dir_okay=False),
              help="Put a row for each module into this ledger.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="End with one JSON line for programs.")
@click.pass_context
def command(ctx, **options):
    if ctx.invoked_subcommand is None:
        _bench(**options)


def _bench(
    texts, community, generator, at_once, quick, seed, only, steps, operator, station, out,
    ledger_path, as_json,
):  # fmt: skip
    _needs_lab()
    from rich.console import Console

    from sibiao.lab.bench import benches, run_all
    from sibiao.lab.play import Plan, collected
    from sibiao.lab.record import worst
    from sibiao.lab.report import results
    from sibiao.lab.report.software import software
    from sibiao.lab.screen import Screen, verdicts
    from sibiao.ledger.file import Ledger

    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    plan = Plan(seed, quick, tuple(only), tuple(path.resolve() for path in steps))
    modules = _modules(texts or ("virtual",), community, generator)
    planned = collected(plan)
    results.ready(out)
    if ledger_path:
        Ledger(ledger_path).ready()
    frame = {"operator": operator, "station": station, "software": software(plan.folders)}
    all_of_them = benches(modules, planned, plan, frame)
    for bench in all_of_them:
        bench.run.command = _repeated(bench.under_test, plan, steps)
    console = Console(stderr=as_json)
    with Screen(console, all_of_them) as screen:

        def ended(bench):
            try:
                _keep(bench, out, len(modules), ledger_path)
            except SibiaoError as error:  # the other modules' tests go on
                bench.run.broken = f"not all of it is kept: {error}"
            screen.ended(bench)

        run_all(all_of_them, plan, at_once, screen.look, ended)
    verdicts(console, all_of_them)
    verdict = worst([bench.run for bench in all_of_them])
    if as_json:
        from sibiao.lab.report.page import reasons

        runs = [
            {
                "serial": bench.run.module.serial,
                "module": bench.under_test.text,
                "verdict": bench.run.verdict,
                "why": reasons(bench.run),
                "seed": bench.run.seed,
                "repeat": bench.run.command,
                "reports": str(bench.folder),
            }
            for bench in all_of_them
        ]
        click.echo(json.dumps({"verdict": verdict, "runs": runs}))
    sys.exit(0 if verdict == "passed" else 1)


def _needs_lab():
    for name in ("pytest", "matplotlib"):
        if find_spec(name) is None:
            raise SibiaoError(
                f"the bench needs {name}, which is not installed: pip install 'sibiao[lab]'"
            )


def _modules(texts, community, generator):
    from dataclasses import replace

    from sibiao.lab.stands.under_test import UnderTest

    modules = [UnderTest.parsed(text, community) for text in texts]
    if generator:
        real = [n for n, module in enumerate(modules) if module.console]
        if len(real) != 1 or modules[real[0]].generator:
            raise SibiaoError(
                "--generator is for one real module; of several, each names its own: "
                "--module PORT,uplink=PORT,generator=PORT"
            )
        modules[real[0]] = replace(modules[real[0]], generator=generator)
    ports = [port for module in modules for port in module.ports]
    twice = sorted({port for port in ports if ports.count(port) > 1})
    if twice:
        raise SibiaoError(f"port {twice[0]} is named twice: each is of one thing")
    return modules


def _repeated(module, plan, steps):
    """The command that does the same to one module."""
    words = ["sibiao", "bench", "--module", module.text, "--community", module.community]
    if module.generator and "generator=" not in module.text:
        words += ["--generator", module.generator]
    for each in plan.only:
        words += ["--only", each]
    for each in steps:
        words += ["--steps", str(each)]
    words += ["--quick"] if plan.quick else []
    return shlex.join([*words, "--seed", str(plan.seed)])


def _keep(bench, out, modules, ledger_path):
    from sibiao.lab.report import results

    run = bench.run
    bench.folder = results.folder_of(out, modules, run)
    results.write(run, bench.folder, bench.junit)
    if ledger_path:
        results.enter(run, bench.folder, ledger_path)


@command.command(
    "history", epilog="Example: sibiao bench history 2026000017 --results /srv/bench/results"
)
@click.argument("serial")
@click.option("--results", type=_FOLDER, default="results", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON line a run.")
def history_command(serial, results, as_json):
    """Every run of a serial number, oldest first."""
    from dataclasses import asdict

    from sibiao.lab.report.history import history

    past = history(results, serial)
    if not past:
        raise SibiaoError(f"{results} holds no run of serial number {serial}")
    if as_json:
        for each in past:
            click.echo(json.dumps(asdict(each)))
        return
    from rich.console import Console

    from sibiao.lab.screen import past_table

    Console().print(past_table(serial, past))


@command.command("steps", epilog="Example: sibiao bench steps --steps ours/")
@click.option(
    "--steps", multiple=True, type=_FOLDER, metavar="FOLDER", help="Further steps of your own."
)
@click.option("--only", multiple=True, metavar="CLAUSE", help="4.10, or channel; repeatable.")
def steps_command(steps, only):
    """List the steps that there are, and do none."""
    _needs_lab()
    from sibiao.lab.play import Plan, collected

    for step in collected(Plan(0, only=only, steps=tuple(path.resolve() for path in steps))):
        click.echo(f"{step.clause:10} {step.label:44} {step.about}".rstrip())
