"""The board's console as a serial port (a PTY), for mpremote and for people.

python -m sibiao.node.vm.serve --files FOLDER
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

import click

from sibiao.errors import SibiaoError
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode

_RETRY_NS, _PATIENCE = 5_000_000, 100
_HOUR_NS = 3_600_000_000_000


class ConsolePty:
    """A serial port that stays while the board behind it starts anew. Open `path` with mpremote;
    bytes flow while the node runs."""

    def __init__(self, node: VmNode):
        import tty

        self._node = node
        # Both ends stay open: a port whose last user left would be gone for the next one.
        self._host_end, self._port_end = os.openpty()
        tty.setraw(self._port_end)
        os.set_blocking(self._host_end, False)
        self.path = os.ttyname(self._port_end)
        self._unsent = bytearray()
        self._patience = 0
        self._closed = False
        node.console.tap = self._to_port
        node.clock.watch(self._host_end, self._from_port)

    def __enter__(self) -> ConsolePty:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._closed = True
        self._node.console.tap = None
        self._node.clock.unwatch(self._host_end)
        os.close(self._host_end)
        os.close(self._port_end)

    def _from_port(self) -> None:
        self._node.console_write(os.read(self._host_end, 4096))

    def _to_port(self, data: bytes) -> None:
        if not self._unsent:
            self._patience = _PATIENCE
        self._unsent += data
        self._flush()

    def _flush(self) -> None:
        # A board's USB waits half a second for a reader; what then nobody wants is lost.
        if self._closed:
            return
        try:
            while self._unsent:
                del self._unsent[: os.write(self._host_end, self._unsent)]
                self._patience = _PATIENCE
        except BlockingIOError:
            self._patience -= 1
            if self._patience > 0:
                self._node.clock.call_later(_RETRY_NS, self._flush)
            else:
                self._unsent.clear()


def _files_under(folder: Path) -> dict[str, bytes]:
    return {
        "/" + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--vm", type=click.Path(path_type=Path), help="The MicroPython VM to run.")
@click.option(
    "--files",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="What is in a new flash: the contents of this folder.",
)
@click.option("--flash", type=click.Path(path_type=Path), help="Keep the flash in this file.")
def serve(vm: Path | None, files: Path | None, flash: Path | None) -> None:
    """Run a board on the MicroPython VM; the first line printed is its console's port."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    content = _files_under(files) if files else {}
    with (
        VmNode(vm or vm_binary(), content, flash_image=flash) as node,
        ConsolePty(node) as port,
        contextlib.suppress(KeyboardInterrupt),
    ):
        click.echo(port.path)
        while True:
            node.run(_HOUR_NS)


if __name__ == "__main__":
    try:
        serve(standalone_mode=True)
    except SibiaoError as error:
        click.secho(f"sibiao: {error}", fg="red", err=True)
        sys.exit(1)
