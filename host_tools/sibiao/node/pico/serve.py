"""The node's USB console for other programs: a terminal (PTY) or a TCP port on this machine.

Emulated time keeps to wall-clock time while the node idles; while it works, it is slower. A reset
of the node keeps the terminal: the other end sees a pause, as with a cable that stays in.
"""

import os
import pickle
import select
import signal
import socket
import time
import tty
from collections.abc import Callable
from pathlib import Path

import click

from sibiao.errors import SibiaoError

_SLICE_NS = 2_000_000
_CHUNK = 1024
_UNREAD_LIMIT = 1 << 16
_NOBODY_POLL_S = 0.005


class PtyEnd:
    """A pseudo-terminal; `address` is what a serial program opens."""

    def __init__(self):
        self.fd, other = os.openpty()
        tty.setraw(other)
        self.address = os.ttyname(other)
        # Held open by us, the terminal would never tell that its user has gone.
        os.close(other)
        os.set_blocking(self.fd, False)
        self._poll = select.poll()
        self._poll.register(self.fd, select.POLLIN)

    def wait(self, timeout_s: float) -> tuple[bool, bool]:
        """(somebody has it open, there is something to read), after at most `timeout_s`."""
        events = self._poll.poll(timeout_s * 1000)
        flags = events[0][1] if events else 0
        if flags & select.POLLHUP:
            time.sleep(min(timeout_s, _NOBODY_POLL_S))
            return False, bool(flags & select.POLLIN)
        return True, bool(flags & select.POLLIN)

    def read(self) -> bytes:
        try:
            return os.read(self.fd, _CHUNK)
        except OSError:  # closed by the other end between poll and read
            return b""

    def write(self, data: bytes) -> int:
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        os.close(self.fd)


class TcpEnd:
    """A TCP port, one client at a time; `address` is what pyserial and mpremote open."""

    def __init__(self, port: int):
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.setblocking(False)
        self._client: socket.socket | None = None
        self.address = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def wait(self, timeout_s: float) -> tuple[bool, bool]:
        waiting_for = self._client or self._listener
        readable, _, _ = select.select([waiting_for], [], [], timeout_s)
        if readable and self._client is None:
            self._client, _ = self._listener.accept()
            self._client.setblocking(False)
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            readable = []
        return self._client is not None, bool(readable)

    def read(self) -> bytes:
        try:
            data = self._client.recv(_CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            self._client.close()
            self._client = None
        return data

    def write(self, data: bytes) -> int:
        if self._client is None:
            return len(data)
        try:
            return self._client.send(data)
        except BlockingIOError:
            return 0
        except ConnectionError:
            return len(data)

    def close(self) -> None:
        self._listener.close()
        if self._client is not None:
            self._client.close()


class ConsoleServer:
    """Runs the node in this process and bridges its console; `address` is where to connect."""

    def __init__(self, node, tcp_port: int | None = None):
        self._node = node
        self._console = node.chip.console
        self._end = PtyEnd() if tcp_port is None else TcpEnd(tcp_port)
        self.address = self._end.address
        self._somebody = True
        self._unread = b""
        self._start_wall_s = self._start_ns = 0.0

    def serve(self, until: Callable[[], bool]) -> None:
        """Let the node live until `until()` is true; it is asked every few milliseconds."""
        self._set_pace()
        self._wait(0)
        while not until():
            self._node.run(_SLICE_NS)
            self._pass_output()
            self._wait(self._ahead_s())

    def close(self) -> None:
        self._end.close()

    def _set_pace(self) -> None:
        self._start_wall_s = time.monotonic()
        self._start_ns = self._node.clock.now_ns

    def _ahead_s(self) -> float:
        emulated_s = (self._node.clock.now_ns - self._start_ns) / 1e9
        ahead_s = emulated_s - (time.monotonic() - self._start_wall_s)
        if ahead_s <= 0:
            # Lost time is not made up for: the node would seem to run too fast afterwards.
            self._set_pace()
            return 0
        return ahead_s

    def _wait(self, timeout_s: float) -> None:
        somebody, readable = self._end.wait(timeout_s)
        self._somebody = somebody
        if self._console.connected and self._console.dtr != somebody:
            self._console.set_control_lines(dtr=somebody, rts=somebody)
        # What the node has not taken stays with the sender, as USB would have it.
        if readable and self._console.pending < _CHUNK:
            self._console.write(self._end.read())

    def _pass_output(self) -> None:
        self._unread += self._node.console_read()
        if not self._somebody:
            self._unread = b""
        if self._unread:
            sent = self._end.write(self._unread)
            # A board, too, drops what nobody takes.
            self._unread = self._unread[sent:][-_UNREAD_LIMIT:]


class ServedConsole:
    """A forked copy of the node behind a terminal, while the `with` lasts.

    Afterwards `flash` is the copy's flash, for an `EmulatedPico(image, flash=...)` that goes on.
    """

    def __init__(self, node):
        self._node = node
        self.path = ""
        self.flash = b""

    def __enter__(self) -> "ServedConsole":
        reading, child_writing = os.pipe()
        child_reading, writing = os.pipe()
        self._child = os.fork()
        if not self._child:
            os.close(reading)
            os.close(writing)
            self._run_child(child_reading, child_writing)
        os.close(child_reading)
        os.close(child_writing)
        self._answers = os.fdopen(reading, "rb")
        self._stop = writing
        self.path = pickle.load(self._answers)
        return self

    def __exit__(self, *exc_info) -> None:
        os.close(self._stop)
        with self._answers as answers:
            self.flash = answers.read()
        os.waitpid(self._child, 0)

    def _run_child(self, stop: int, answers: int) -> None:
        status = 1
        try:
            server = ConsoleServer(self._node)
            with os.fdopen(answers, "wb") as pipe:
                pickle.dump(server.address, pipe)
                pipe.flush()
                server.serve(lambda: bool(select.select([stop], [], [], 0)[0]))
                pipe.write(self._node.flash_bytes())
            status = 0
        finally:
            os._exit(status)


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
    from sibiao.node.pico.node import EmulatedPico

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
