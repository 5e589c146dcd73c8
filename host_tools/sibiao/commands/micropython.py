"""`sibiao micropython`: get the MicroPython VM and the Pico's image, and say where they are."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Column, Table

from sibiao.errors import SibiaoError
from sibiao.micropython import (
    Runtime,
    Say,
    build_pico_image,
    find_pico_image,
    find_vm,
    find_vm32,
)

_NAMES = {"vm": "VM (Unix port)", "image": "Pico image", "vm32": "VM, 32-bit"}


def _output_options(function):
    function = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)
    return click.option("-q", "--quiet", is_flag=True, help="Do not tell what is going on.")(
        function
    )


_install_tools = click.option(
    "--install-tools", is_flag=True, help="Install missing build tools with apt (root or sudo)."
)


@click.group(invoke_without_command=True, epilog="Example: sibiao micropython --quiet --json")
@_output_options
@click.pass_context
def command(context, quiet, as_json):
    """Get real MicroPython and cache it: the VM for this machine and the Pico's image.

    Without a subcommand: get both as cheaply as possible and print where they are.
    """
    if context.invoked_subcommand:
        return
    with _telling(quiet) as say:
        found = {"vm": _try(find_vm, say), "image": _try(find_pico_image, say)}
    _print_all(found, as_json)
    if not all(isinstance(runtime, Runtime) for runtime in found.values()):
        sys.exit(1)


@command.command(epilog="Example: sibiao micropython vm")
@_output_options
def vm(quiet, as_json):
    """Get the MicroPython VM; print its path."""
    with _telling(quiet) as say:
        runtime = find_vm(say)
    _print_one(runtime, as_json)


@command.command(epilog="Example: sibiao micropython image --output pico.uf2")
@click.option("--build", is_flag=True, help="Build it from Debian's sources, even if one is here.")
@_install_tools
@click.option("--output", type=click.Path(path_type=Path), help="Copy the image to this file.")
@_output_options
def image(build, install_tools, output, quiet, as_json):
    """Get the Pico's MicroPython image; print its path."""
    if install_tools and not build:
        raise click.UsageError("--install-tools goes with --build")
    with _telling(quiet) as say:
        runtime = (
            build_pico_image(say, install_tools=install_tools) if build else find_pico_image(say)
        )
    if output:
        _copy(runtime.path, output)
        runtime = Runtime(output.absolute(), runtime.version, runtime.origin)
    _print_one(runtime, as_json)


@command.command(epilog="Example: sibiao micropython vm32 --install-tools")
@_install_tools
@_output_options
def vm32(install_tools, quiet, as_json):
    """Get the VM with 32-bit words, for memory tests (builds it); print its path."""
    with _telling(quiet) as say:
        runtime = find_vm32(say, install_tools=install_tools)
    _print_one(runtime, as_json)


@command.command(epilog="Example: sibiao micropython emulator")
@_output_options
def emulator(quiet, as_json):
    """Compile the Pico's emulator for this very Python: it then runs about four times faster."""
    with _telling(quiet) as say:
        from sibiao.node.pico import native

        done = native.build(say)
    if as_json:
        click.echo(json.dumps({"compiled": done}))
    elif not done:
        click.echo("The emulator runs as it was installed: there is no C compiler here.")


@command.command(epilog="Example: sibiao micropython where --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def where(as_json):
    """Say what is here already; get nothing."""
    with _telling(quiet=True) as say:
        found = {
            "vm": _try(find_vm, say, download=False),
            "image": _try(find_pico_image, say, download=False, build=False),
            "vm32": _try(find_vm32, say, build=False),
        }
    _print_all(found, as_json)


def _try(find: Callable[..., Runtime], say: Say, **limits: bool) -> Runtime | SibiaoError:
    try:
        return find(say, **limits)
    except SibiaoError as error:
        return error


def _copy(image: Path, output: Path) -> None:
    try:
        shutil.copyfile(image, output)
    except OSError as error:
        raise SibiaoError(
            f"cannot write the image to {output}: {error.strerror or error}"
        ) from error


def _as_dict(runtime: Runtime) -> dict[str, str]:
    return {"path": str(runtime.path), "version": runtime.version, "origin": runtime.origin}


def _print_one(runtime: Runtime, as_json: bool) -> None:
    click.echo(json.dumps(_as_dict(runtime)) if as_json else runtime.path)


def _print_all(found: dict[str, Runtime | SibiaoError], as_json: bool) -> None:
    if as_json:
        answers = {
            name: _as_dict(runtime) if isinstance(runtime, Runtime) else {"error": str(runtime)}
            for name, runtime in found.items()
        }
        click.echo(json.dumps(answers, indent=2))
        return
    table = Table("what", "version", "how", Column("where", overflow="fold"))
    for name, runtime in found.items():
        if isinstance(runtime, Runtime):
            table.add_row(_NAMES[name], runtime.version, runtime.origin, str(runtime.path))
        else:
            table.add_row(_NAMES[name], "", "not here", "")
    Console().print(table)
    for error in found.values():
        if isinstance(error, SibiaoError):
            click.echo(str(error), err=True)


@contextmanager
def _telling(quiet: bool) -> Iterator[Say]:
    """A `Say` for people: on a terminal what is going on turns, and what is done stays above."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if quiet:
        yield lambda message: None
    elif not console.is_terminal:
        yield lambda message: click.echo(message, err=True)
    else:
        doing: list[tuple[str, float]] = []

        def done() -> None:
            for message, since_s in doing:
                console.print(f"{message} [dim]({time.monotonic() - since_s:.1f} s)[/dim]")
            doing.clear()

        with console.status("looking for MicroPython") as status:

            def say(message: str) -> None:
                done()
                doing.append((message, time.monotonic()))
                status.update(message)

            try:
                yield say
            finally:
                done()
