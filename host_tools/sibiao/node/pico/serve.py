"""An emulated Pico as a program of its own: `python -m sibiao.node.pico.serve`."""

import signal
from pathlib import Path

import click

from sibiao.errors import SibiaoError
from sibiao.node.pico.node import EmulatedPico
from sibiao.node.pico.served import ConsoleServer


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files under `folder`, named as they shall be called on the board."""
    return {
        "/" + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@click.command()
@click.option("--image", type=Path, required=True, help="MicroPython's UF2 image for RPI_PICO.")
@click.option("--files", type=Path, help="Folder that becomes the board's file system.")
@click.option("--flash", type=Path, help="Whole flash to start from, as --save wrote it.")
@click.option("--save", type=Path, help="Where the whole flash is written at the end.")
@click.option("--tcp", type=int, help="TCP port instead of a terminal; 0 takes a free one.")
def main(image, files, flash, save, tcp):
    """An emulated Pico whose console other programs can open, until it is interrupted."""
    stopped = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.append(True))
    node = EmulatedPico(
        image,
        files=read_folder(files) if files else None,
        flash=flash.read_bytes() if flash else None,
    )
    node.boot()
    server = ConsoleServer(node, tcp)
    click.echo(server.address)
    server.serve(lambda: bool(stopped))
    server.close()
    if save:
        save.write_bytes(node.flash_bytes())


if __name__ == "__main__":
    try:
        main()
    except SibiaoError as error:
        raise SystemExit(f"sibiao: {error}") from None
