"""The node's USB console for other programs.

Emulated time keeps to wall-clock time while the node idles; while it works, it is slower. A reset
of the node keeps the terminal: the other end sees a pause, as with a cable that stays in.
"""

import os
import pickle
import select
from collections.abc import Callable

from sibiao.node.console_end import ConsoleBridge, Pace, PtyEnd, TcpEnd

_SLICE_NS = 2_000_000


class ConsoleServer:
    """Runs the node in this process and bridges its console; `address` is where to connect."""

    def __init__(self, node, tcp_port: int | None = None):
        self._node = node
        end = PtyEnd() if tcp_port is None else TcpEnd(tcp_port)
        self._bridge = ConsoleBridge(node, end, node.chip.console)
        self.address = end.address

    def serve(self, until: Callable[[], bool]) -> None:
        """Let the node live until `until()` is true; it is asked every few milliseconds."""
        pace = Pace(self._node.clock)
        self._bridge.wait(0)
        while not until():
            self._node.run(_SLICE_NS)
            self._bridge.pass_output()
            self._bridge.wait(pace.ahead_s())

    def close(self) -> None:
        self._bridge.close()


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
