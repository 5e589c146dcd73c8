"""Where other programs find a node's console: a terminal (PTY) or a TCP port on this machine."""

from __future__ import annotations

import os
import select
import socket
import time
from typing import Protocol

from sibiao.errors import SibiaoError

_CHUNK = 1024
_UNREAD_LIMIT = 1 << 16
_NOBODY_POLL_S = 0.005


class ConsoleEnd(Protocol):
    """`address` is what a serial program opens."""

    address: str

    def wait(self, timeout_s: float) -> tuple[bool, bool]:
        """(somebody has it open, there is something to read), after at most `timeout_s`."""
        ...

    def read(self) -> bytes: ...

    def write(self, data: bytes) -> int:
        """How many bytes it has taken."""
        ...

    def close(self) -> None: ...


class PtyEnd:
    def __init__(self):
        if not hasattr(os, "openpty"):
            raise SibiaoError("this system has no pseudo-terminals: use --tcp")
        import tty

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
    """One client at a time."""

    def __init__(self, port: int):
        try:
            self._listener = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise SibiaoError(f"TCP port {port} cannot be opened: {error.strerror}") from error
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


class ConsoleBridge:
    """Between a node's console and an end. `usb`: an emulated board's own, which sees whether
    somebody has it open, and takes no more than it can hold."""

    def __init__(self, node, end: ConsoleEnd, usb=None):
        self._node, self._end, self._usb = node, end, usb
        self.address = end.address
        self._somebody = True
        self._unread = b""

    def wait(self, timeout_s: float) -> None:
        """For somebody's input, which the node gets."""
        self._somebody, readable = self._end.wait(timeout_s)
        usb = self._usb
        if usb and usb.connected and usb.dtr != self._somebody:
            usb.set_control_lines(dtr=self._somebody, rts=self._somebody)
        # What the node has not taken stays with the sender, as USB would have it.
        if readable and (usb is None or usb.pending < _CHUNK):
            self._node.console_write(self._end.read())

    def pass_output(self) -> None:
        self._unread += self._node.console_read()
        if not self._somebody:
            self._unread = b""
        if self._unread:
            sent = self._end.write(self._unread)
            # A board, too, drops what nobody takes.
            self._unread = self._unread[sent:][-_UNREAD_LIMIT:]

    def close(self) -> None:
        self._end.close()


class Pace:
    """Keeps a node's own time from running ahead of the wall clock."""

    def __init__(self, clock):
        self._clock = clock
        self._begin()

    def _begin(self) -> None:
        self._start_wall_s = time.monotonic()
        self._start_ns = self._clock.now_ns

    def ahead_s(self) -> float:
        own_s = (self._clock.now_ns - self._start_ns) / 1e9
        ahead_s = own_s - (time.monotonic() - self._start_wall_s)
        if ahead_s <= 0:
            # Lost time is not made up for: the node would seem to run too fast afterwards.
            self._begin()
            return 0
        return ahead_s
