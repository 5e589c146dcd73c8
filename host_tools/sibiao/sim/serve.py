"""Simulators in real time: on a pseudo-terminal, a TCP port or a serial port."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

import serial

try:
    import termios
except ModuleNotFoundError:  # Windows has neither these nor pseudo-terminals
    termios = None

from sibiao.errors import SibiaoError
from sibiao.sim.wire import NS_PER_S, byte_time_ns

_LONGEST_WAIT_S = 0.05
_POLL_S = 0.002  # where a port cannot be waited for
_REFUSALS = (serial.SerialException, OSError, ValueError) + ((termios.error,) if termios else ())


class WallClock:
    """`Clock` of real time."""

    def __init__(self):
        self._due: list = []
        self._order = itertools.count()

    @property
    def now_ns(self) -> int:
        return time.monotonic_ns()

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Callable[[], None]:
        entry = [self.now_ns + delay_ns, next(self._order), callback]
        heapq.heappush(self._due, entry)

        def cancel() -> None:
            entry[2] = None

        return cancel

    def run_due(self) -> float:
        """Call what is due; the seconds until the next."""
        while self._due and self._due[0][0] <= self.now_ns:
            callback = heapq.heappop(self._due)[2]
            if callback:
                callback()
        if not self._due:
            return _LONGEST_WAIT_S
        return min(max(self._due[0][0] - self.now_ns, 0) / NS_PER_S, _LONGEST_WAIT_S)


class Port(Protocol):
    """Where the master is attached. `paces`: bytes take their time on the wire by themselves."""

    name: str
    paces: bool

    def configure(self, baud: int, parity: str) -> None: ...

    def wait(self, limit_s: float) -> bytes:
        """What came, at once or within the limit."""
        ...

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class PtyPort:
    paces = False

    def __init__(self):
        if not termios:
            raise SibiaoError("this system has no pseudo-terminals: use --tcp or --port")
        import tty

        self._near, self._far = os.openpty()  # the far end stays open: masters come and go
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self.name = os.ttyname(self._far)

    def configure(self, baud: int, parity: str) -> None:
        """A pseudo-terminal has no rate of its own."""

    def baud(self) -> int:
        """What the master has set its end to."""
        code = termios.tcgetattr(self._far)[5]
        for baud in (300, 600, 1200, 2400, 4800, 9600, 19200, 38400):
            if getattr(termios, f"B{baud}") == code:
                return baud
        return 0

    def wait(self, limit_s: float) -> bytes:
        if not select.select([self._near], [], [], limit_s)[0]:
            return b""
        return os.read(self._near, 4096)

    def write(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # nobody reads: lost, as on a wire
            os.write(self._near, data)

    def close(self) -> None:
        os.close(self._near)
        os.close(self._far)


class TcpPort:
    """One master at a time; the next takes the line over."""

    paces = False

    def __init__(self, port: int, host: str = "127.0.0.1"):
        try:
            self._server = socket.create_server((host, port))
        except OSError as error:
            raise SibiaoError(f"TCP port {port} cannot be opened: {error.strerror}") from error
        self._server.setblocking(False)
        self._client: socket.socket | None = None
        self.name = f"socket://{host}:{self._server.getsockname()[1]}"

    def configure(self, baud: int, parity: str) -> None:
        """A socket has no rate."""

    def wait(self, limit_s: float) -> bytes:
        ends = [end for end in (self._server, self._client) if end]
        ready = select.select(ends, [], [], limit_s)[0]
        if self._server in ready:
            self._drop()
            self._client = self._server.accept()[0]
            self._client.setblocking(False)
            self._client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        elif self._client in ready:
            try:
                data = self._client.recv(4096)
            except OSError:
                data = b""
            if not data:
                self._drop()
            return data
        return b""

    def write(self, data: bytes) -> None:
        try:
            if self._client:
                self._client.sendall(data)
        except OSError:  # it has gone, or does not read: lost, as on a wire
            self._drop()

    def _drop(self) -> None:
        if self._client:
            self._client.close()
            self._client = None

    def close(self) -> None:
        self._drop()
        self._server.close()


class SerialPort:
    def __init__(self, name: str):
        self.name = name
        self.paces = not name.startswith(("socket:", "/dev/pts/"))
        try:
            self._serial = serial.serial_for_url(name, timeout=0)
        except (serial.SerialException, ValueError) as error:
            raise SibiaoError(f"port {name!r} cannot be opened: {error}") from error

    def configure(self, baud: int, parity: str) -> None:
        try:
            self._serial.baudrate = baud
            self._serial.parity = parity
        except _REFUSALS as error:
            raise SibiaoError(
                f"port {self.name!r} does not take {baud} baud with parity {parity}: {error}; "
                "a pseudo-terminal knows no parity: give its meters parity=N"
            ) from error

    def wait(self, limit_s: float) -> bytes:
        try:
            waiting = self._serial.in_waiting
            if not waiting:
                time.sleep(min(limit_s, _POLL_S))
            return self._serial.read(self._serial.in_waiting or 0)
        except (serial.SerialException, OSError) as error:
            raise SibiaoError(f"port {self.name!r} is gone: {error}") from error

    def write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except (serial.SerialException, OSError) as error:
            raise SibiaoError(f"port {self.name!r} is gone: {error}") from error

    def close(self) -> None:
        self._serial.close()


class PortLine:
    """`Line` over a port; where the port does not, it paces the bytes itself."""

    def __init__(self, clock: WallClock, port: Port):
        self.on_byte: Callable[[int], None] | None = None
        self._clock = clock
        self._port = port
        self._byte_ns = byte_time_ns(2400, "E")
        self._free_ns = 0
        self._unsent: deque[int] = deque()

    def settings(self, baud: int, parity: str = "E") -> None:
        self._byte_ns = byte_time_ns(baud, parity)
        self._port.configure(baud, parity)

    def send(self, data: bytes) -> None:
        if self._port.paces:
            self._port.write(data)
            return
        self._free_ns = max(self._free_ns, self._clock.now_ns)
        for byte in data:
            self._free_ns += self._byte_ns
            due_ns = self._free_ns - self._clock.now_ns
            self._unsent.append(byte)
            self._clock.call_later(due_ns, self._send_next)

    def _send_next(self) -> None:
        """The oldest byte: time goes on while they are queued, which may turn two calls round."""
        self._port.write(bytes([self._unsent.popleft()]))


def serve(clock: WallClock, port: Port, line: PortLine, until: Callable[[], bool]) -> None:
    """Let the simulators on the line live until `until()`."""
    serve_all(clock, [(port, line)], until)


def serve_all(
    clock: WallClock, ends: list[tuple[Port, PortLine]], until: Callable[[], bool]
) -> None:
    """The same on several lines; they are looked at in turn."""
    while not until():
        longest_s = clock.run_due()
        if len(ends) > 1:
            longest_s = min(longest_s, _POLL_S)
        for port, line in ends:
            for byte in port.wait(longest_s):
                if line.on_byte:
                    line.on_byte(byte)
