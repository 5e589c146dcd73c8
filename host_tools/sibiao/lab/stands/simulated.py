"""The stand without hardware: the emulated Pico, or the board in virtual time, among simulated
meters, chips and readers."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, TypeVar

from sibiao.board.console import Commands
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.lab.stands.line_log import LineLog
from sibiao.lab.stands.line_stand import LineStand
from sibiao.lab.stands.stand import Kind
from sibiao.micropython import find_pico_image
from sibiao.node.contract import Node
from sibiao.node.vm.virtual.board import board_files, posed
from sibiao.sim.pulse.train import Train
from sibiao.sim.surroundings import Surroundings
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

Result = TypeVar("Result")


def on_pico(loaded: Loaded, sources: dict[str, str] | None = None) -> SimulatedStand:
    """Started, which takes some seconds. `sources` replaces the firmware's own."""
    if loaded.board.mcu != "rp2040":
        raise SibiaoError(
            f"community {loaded.name!r} is for a board with {loaded.board.mcu}, and the emulated "
            "Pico has an rp2040: test it in virtual time"
        )
    from sibiao.node.pico import EmulatedPico

    image = find_pico_image(build=False)
    make = partial(EmulatedPico, image.path, board_files(loaded, sources))
    return SimulatedStand("pico", f"emulated Pico, MicroPython {image.version}", loaded, make)


def in_virtual_time(loaded: Loaded, sources: dict[str, str] | None = None) -> SimulatedStand:
    make = partial(posed, loaded, sources)
    return SimulatedStand("virtual", "MicroPython VM in virtual time", loaded, make)


class SimulatedStand(LineStand):
    """A `Stand`. `make` gives a node at its power-on."""

    def __init__(self, kind: Kind, name: str, loaded: Loaded, make: Callable[[], Node]):
        super().__init__(kind, name, loaded, make())
        self._make = make
        self._around = Surroundings(self.node, loaded, self._noted)
        self.bus_meters = self._around.bus_meters
        self.start()

    def _last_words(self) -> str:
        printed = self.node.console_read()[-500:].decode(errors="replace").strip()
        return f"; it printed: {printed or 'nothing'}"

    def close(self) -> None:
        self.node.close()

    def pulses(self, trains: Mapping[str, Train]) -> None:
        clock = self.node.clock
        for name, changes in trains.items():
            _Played(clock, partial(self._around.put, name), changes)

    def console(self) -> Commands:
        return Commands(_Console(self.node), self.name, "the test")

    # Power

    def power_cut(self, off_s: float = 0.0) -> None:
        if monitor := self.loaded.board.supply:
            self._around.supply(False)
            self.node.run(monitor.hold_up_ms * NS_PER_MS)
        self.node.power_cut()
        self.node.run(1)  # the emulated Pico cuts when it next runs
        self._around.supply(True)
        self._off_s += off_s
        if self._around.clock_chip:
            self._around.clock_chip.pass_by(round(off_s * NS_PER_S))

    # Module and copies

    def on_copies(
        self,
        function: Callable[..., Result],
        arguments: Sequence[tuple[Any, ...]],
        progress: Callable[[float, float], None] | None = None,
    ) -> list[Result]:
        global _copied
        _copied = self
        workers = min(len(arguments), os.cpu_count() or 1)
        results = []
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
            started = [pool.submit(_on_copy, function, each) for each in arguments]
            for n, each in enumerate(started, 1):
                result, log = each.result()
                self.log.rows.extend(log.rows)
                results.append(result)
                if progress:
                    progress(n, len(started))
        return results

    def on_copy(self, function: Callable[..., Result], *arguments: Any) -> tuple[Result, LineLog]:
        if self.kind == "pico":
            return self.node.forked(self._called, function, *arguments)
        copy = SimulatedStand(self.kind, self.name, self.loaded, self._make)
        try:
            return copy._called(copy.node, function, *arguments)
        finally:
            copy.close()

    def _called(self, node: Node, function: Callable[..., Result], *arguments: Any):
        self.log = LineLog()
        return function(self, *arguments), self.log


_copied: SimulatedStand | None = None  # what the processes below are forked with


def _on_copy(function: Callable[..., Result], arguments: tuple) -> tuple[Result, LineLog]:
    return _copied.on_copy(function, *arguments)


class _Played:
    """A train on an input, one change at a time: a long one does not fill the node's clock."""

    def __init__(self, clock, put: Callable[[int], None], changes: Train):
        self._clock, self._put = clock, put
        self._changes = iter(changes)
        self._began_ns = clock.now_ns
        self._next = next(self._changes, None)
        self._play()

    def _play(self) -> None:
        since_ns = self._clock.now_ns - self._began_ns
        while self._next and self._next[0] <= since_ns:
            self._put(self._next[1])
            self._next = next(self._changes, None)
        if self._next:
            self._clock.call_later(self._next[0] - since_ns, self._play)


class _Console:
    """A node's console for `board.console.Commands`; reading lets a moment pass."""

    _MOMENT_NS = 20 * NS_PER_MS

    def __init__(self, node: Node):
        self._node = node

    def write(self, data: bytes) -> None:
        self._node.console_write(data)

    def read(self) -> bytes:
        self._node.run(self._MOMENT_NS)
        return self._node.console_read()

    def now_ms(self) -> float:
        return self._node.clock.now_ns / NS_PER_MS
