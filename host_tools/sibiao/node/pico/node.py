"""The bench's emulated Pico: an unmodified MicroPython image on an emulated board."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from sibiao.errors import SibiaoError
from sibiao.micropython.uf2 import read_uf2
from sibiao.node.contract import Cancel, I2cDevice
from sibiao.node.i2c_bus import raw_from_millivolts
from sibiao.node.pico import files as littlefs
from sibiao.node.pico.fork import run_forked
from sibiao.node.pico.line import UartLine
from sibiao.node.pico.pins import EdgeTrain, Pins
from sibiao.node.pico.rawrepl import RawRepl
from sibiao.node.pico.served import ServedConsole
from sibiao.node.pico.upstream import Chip

Result = TypeVar("Result")
FLASH_SIZE = 2 * 1024 * 1024
_EXEC_LIMIT_NS = 60_000_000_000


class EmulatedPico:
    """A `Node`. It stands at its reset vector until it is run; every run of it is the same run.

    `files` become the board's file system ({"/a/main.py": b"..."}); `flash` is a whole flash as
    `flash_bytes()` gave it, and what the image does not name is erased. `seed` decides what RAM
    holds after a power cut and how a write is torn.
    """

    kind = "pico"

    def __init__(
        self,
        image: Path,
        files: dict[str, bytes] | None = None,
        flash: bytes | None = None,
        seed: int = 0,
    ):
        contents = bytearray(read_uf2(Path(image)).flash(FLASH_SIZE))
        if flash is not None:
            if len(flash) != FLASH_SIZE:
                raise SibiaoError(
                    f"a Pico's flash has {FLASH_SIZE} bytes, and {len(flash)} were given"
                )
            contents[:] = flash
        if files is not None:
            system = littlefs.build_littlefs(files)
            contents[littlefs.FS_START : littlefs.FS_START + len(system)] = system
        chip = self.chip = Chip(bytes(contents), seed)
        self.clock = self._engine = chip.engine
        self.flash = chip.flash
        self._lines = [UartLine(uart, chip.mcu.clock, self._engine.notice) for uart in chip.uarts]
        self._pins = Pins(chip.mcu, chip.pios, self._engine.notice)

    # Time

    def run(self, span_ns: int) -> None:
        self._engine.run(span_ns)

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        return self._engine.run_until(done, limit_ns)

    def boot(self, limit_ns: int = 10_000_000_000) -> None:
        """Run until the firmware is on the USB bus."""
        if not self.run_until(lambda: self.chip.console.connected, limit_ns):
            raise SibiaoError("the Pico image did not start: is it MicroPython for RPI_PICO?")

    # What is wired to it

    def line(self, uart: int) -> UartLine:
        return self._lines[uart]

    def set_pin(self, gpio: int, level: int) -> None:
        self._pins.set(gpio, level)

    def release_pin(self, gpio: int) -> None:
        self._pins.release(gpio)

    def get_pin(self, gpio: int) -> int:
        return self._pins.get(gpio)

    def attach_i2c(self, bus: int, address: int, device: I2cDevice | None) -> None:
        if bus not in (0, 1):
            raise SibiaoError(f"the Pico has no I2C bus {bus}; it has 0 and 1")
        self.chip.i2c_buses[bus].attach(address, device)

    def set_analog(self, gpio: int, millivolts: int) -> None:
        if not 26 <= gpio <= 29:
            raise SibiaoError(f"GPIO {gpio} is no ADC input of the Pico; 26 to 29 are")
        self.chip.adc.channel_values[gpio - 26] = raw_from_millivolts(millivolts)

    def watch_pin(self, gpio: int, callback: Callable[[int], None]) -> Cancel:
        return self._pins.watch(gpio, callback)

    def edges(self, gpio: int, edges: Iterable[tuple[int, int]]) -> EdgeTrain:
        """Put levels on a pin, each (delay_ns after the one before, level)."""
        return self._pins.edges(gpio, edges)

    # Console

    def console_write(self, data: bytes) -> None:
        self.chip.console.write(data)

    def console_read(self) -> bytes:
        return self.chip.console.read()

    def exec_raw(self, code: str, limit_ns: int = _EXEC_LIMIT_NS) -> str:
        """Run code at the prompt, interrupting what runs; the answer is what it printed."""
        if not self.chip.console.connected:
            self.boot()
        return RawRepl(self).execute(code, limit_ns)

    # Copies and clients

    def forked(self, function: Callable[..., Result], *args) -> Result:
        """Call `function(copy, *args)` on an independent copy; this Pico stays as it is."""
        return run_forked(function, self, *args)

    def serve_pty(self) -> ServedConsole:
        """A copy whose console is a terminal for other programs: `with pico.serve_pty() as s:`."""
        return ServedConsole(self)

    # Power and flash

    def power_cut(self) -> None:
        self._engine.defer(self.chip.power_cut)

    def press_reset(self) -> None:
        """The board's reset button, pressed and let go."""
        self._engine.defer(self.chip.run_pin_reset)

    @property
    def resets(self) -> int:
        """How often the chip was reset, by whatever, since it was made."""
        return self.chip.resets - 1

    def flash_bytes(self) -> bytes:
        """The whole flash as it stands now."""
        return bytes(self.chip.mcu.flash[:FLASH_SIZE])

    def files(self) -> dict[str, bytes]:
        """The board's files as they stand now, read beside the running firmware."""
        return littlefs.read_littlefs(littlefs.of_flash(self.flash_bytes()))

    def close(self) -> None:
        """Nothing outside this object is held."""
