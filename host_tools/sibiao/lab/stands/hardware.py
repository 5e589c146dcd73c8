"""The stand with hardware: a module at its ports, the pulse generator at its inputs and supply,
meters that this machine simulates on its buses. A step is skipped for what is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from generator.words import CHANNELS

from sibiao.board.console import Commands
from sibiao.config.device.pulses import wires_of
from sibiao.config.load import Loaded
from sibiao.config.schema.pulse import PulseInput
from sibiao.errors import SibiaoError
from sibiao.lab.generator.port import Generator, Playing
from sibiao.lab.generator.trains import words
from sibiao.lab.record import CannotDo
from sibiao.lab.stands.line_stand import LineStand
from sibiao.lab.stands.ports import ModuleConsole, Ports
from sibiao.lab.stands.reading import Uplink
from sibiao.sim.pulse.train import Train
from sibiao.sim.surroundings import Surroundings
from sibiao.sim.uplink.dlt645_reading import made_frame
from sibiao.sim.wire import NS_PER_S

Result = TypeVar("Result")

_DRAINED_S = 0.3  # after the relay: what the supply's capacitors hold
_LEAST_OFF_S = 1.0
_SOON_S = 0.5  # a train that is over by then is waited for
_SILENT_S = 0.6  # a module with supply would have answered


def on_ports(
    loaded: Loaded,
    console: str,
    uplink: str,
    generator: str = "",
    buses: Mapping[str, str] | None = None,
) -> HardwareStand:
    """A module that is at work. `buses`: name of a bus -> the port that simulated meters are at;
    on the others are real ones, or none."""
    stand = HardwareStand(loaded, console, uplink, generator, buses or {})
    try:
        stand.start()
        found = Uplink(stand).who()
        if found != loaded.community.address:
            raise SibiaoError(
                f"at {uplink} answers {found}, and community {loaded.name!r} has address "
                f"{loaded.community.address}: choose the community that the module runs"
            )
    except BaseException:
        stand.close()
        raise
    return stand


def channels_of(loaded: Loaded) -> dict[str, int]:
    """Input of the board -> channel of the generator: those that the community uses, in the
    board's order, as long as there are channels."""
    used = set()
    for point in loaded.community.points:
        if loaded.meters[point.meter].link == "pulse":
            used.update(wires_of(point))
        used.update(filter(None, (point.tamper, point.cable)))
    inputs = [name for name in loaded.board.pulse_inputs if name in used]
    contacts = [name for name in inputs if _is_to_ground(loaded.board.pulse_inputs[name])]
    return {name: channel for channel, name in enumerate(contacts[:CHANNELS])}


def _is_to_ground(pin: PulseInput) -> bool:
    """Its contact; with a pull-down outside it would be one to 3V3."""
    return pin.source != "namur" and (pin.active == "low" or pin.pull_up)


class HardwareStand(LineStand):
    """A `Stand`. Its time is real."""

    def __init__(
        self, loaded: Loaded, console: str, uplink: str, generator: str, buses: Mapping[str, str]
    ):
        uarts = loaded.board.uarts
        unknown = [name for name in buses if name not in uarts or name == "uplink"]
        if unknown:
            raise SibiaoError(f"board {loaded.community.board!r} has no bus {unknown[0]!r}")
        names = {"uplink": uplink, **buses}
        ports = Ports({uarts[name].uart: port for name, port in names.items()})
        super().__init__("hardware", f"ports {console} and {uplink}", loaded, ports)
        self._off_s = -ports.clock.now_ns / NS_PER_S
        self._uplink_port = ports.port(uarts["uplink"].uart)
        self._console = ModuleConsole(console, ports)
        self._playing: Playing | None = None
        around = Surroundings(ports, loaded, self._noted)
        self.bus_meters = {
            point.name: around.bus_meters[point.name]
            for point in loaded.community.points
            if point.name in around.bus_meters and point.wired_to in buses
        }
        self._channels = channels_of(loaded)
        self._generator: Generator | None = None
        if generator:
            try:
                self._generator = Generator(generator)
                self._generator.hold(self._at_rest(ports))
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        try:
            if self._playing:
                self._playing.abort()
            if self._generator:
                self._generator.close()
        finally:
            self._console.close()
            self.node.close()

    def run(self, seconds: float) -> None:
        super().run(seconds)
        if self._playing and self._playing.over:
            self._end_train()

    def uplink_exchange(
        self, request: bytes, limit_s: float = 1.0, baud: int | None = None, parity: str = ""
    ) -> tuple[bytes, float | None]:
        asked = baud or self._settings[0], parity or self._settings[1]
        if asked != self._settings and not self._uplink_port.paces:
            raise CannotDo(
                f"the uplink's port {self._uplink_port.name} is a gateway, whose line keeps its "
                "rate and parity"
            )
        return super().uplink_exchange(request, limit_s, baud, parity)

    def pulses(self, trains: Mapping[str, Train]) -> None:
        generator = self._needs_generator("pulses")
        if self._playing and self._playing.left_s > _SOON_S:
            raise CannotDo("the generator plays one train at a time, and one is not over yet")
        self._end_train()
        missing = sorted(name for name in trains if name not in self._channels)
        if missing:
            raise CannotDo(
                f"input {missing[0]!r} has no channel of the generator, which has {CHANNELS} "
                "contacts to ground, and none to 3V3 or in a current loop"
            )
        by_channel = {self._channels[name]: train for name, train in trains.items()}
        self._playing = generator.play(words(by_channel, before=generator.closed))

    def power_cut(self, off_s: float = 0.0) -> None:
        generator = self._needs_generator("power cuts")
        end_s = self.now_s() + max(off_s, _LEAST_OFF_S)
        self._console.close()
        if self._playing:
            self._playing.without_wires()  # their pull-ups are the module's
        generator.cut(True)
        try:
            super().run(_DRAINED_S)
            if self.uplink_exchange(made_frame("A" * 12, 0x13), _SILENT_S)[0]:
                raise CannotDo(
                    "the module answers while its supply is cut: is it fed by the generator's "
                    "relay alone, its USB port too?"
                )
            super().run(max(0.0, end_s - self.now_s()))
        finally:
            generator.cut(False)

    def console(self) -> Commands:
        return Commands(self._console, self.name, "the test")

    def on_copies(
        self,
        function: Callable[..., Result],
        arguments: Sequence[tuple[Any, ...]],
        progress: Callable[[float, float], None] | None = None,
    ) -> list[Result]:
        results = []
        for n, each in enumerate(arguments, 1):
            if self._generator:  # without one, the module is as it is
                self.power_cut()
                self.start()
            results.append(function(self, *each))
            if progress:
                progress(n, len(arguments))
        return results

    def _needs_generator(self, what: str) -> Generator:
        if self._generator is None:
            raise CannotDo(f"{what} need a pulse generator, and none is at this stand")
        return self._generator

    def _end_train(self) -> None:
        playing, self._playing = self._playing, None
        if playing:
            playing.wait()

    def _at_rest(self, ports: Ports) -> int:
        inputs = self.loaded.board.pulse_inputs
        return sum(
            1 << channel
            for name, channel in self._channels.items()
            if ports.levels.get(inputs[name].gpio) == 0
        )
