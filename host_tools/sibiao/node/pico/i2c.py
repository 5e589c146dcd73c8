"""The RP2040's I2C controller (DW_apb_i2c, RP2040 datasheet 4.3) as master, with its bus times.

Not modelled: slave mode, 10-bit addresses, DMA, arbitration with another master.
"""

from collections import deque
from collections.abc import Callable

from rp2040py.peripherals.peripheral import BasePeripheral

from sibiao.node.i2c_bus import I2cBus
from sibiao.node.pico.i2c_pins import I2cPins

CON, TAR, DATA_CMD = 0x00, 0x04, 0x10
FS_SCL_HCNT, FS_SCL_LCNT, SS_SCL_HCNT, SS_SCL_LCNT = 0x1C, 0x20, 0x14, 0x18
INTR_STAT, INTR_MASK, RAW_INTR_STAT, RX_TL, TX_TL, CLR_INTR = 0x2C, 0x30, 0x34, 0x38, 0x3C, 0x40
CLR_TX_ABRT, ENABLE, STATUS, TXFLR, RXFLR = 0x54, 0x6C, 0x70, 0x74, 0x78
TX_ABRT_SOURCE, ENABLE_STATUS, FS_SPKLEN = 0x80, 0x9C, 0xA0

# Written and read back. Values after a reset: datasheet, list of registers.
_RESET_VALUES = {
    **{CON: 0x65, TAR: 0x55, SS_SCL_HCNT: 0x28, SS_SCL_LCNT: 0x2F},
    **{FS_SCL_HCNT: 0x06, FS_SCL_LCNT: 0x0D, INTR_MASK: 0x8FF, RX_TL: 0, TX_TL: 0},
    # SAR, SDA_HOLD, SLV_DATA_NACK_ONLY, DMA_CR, DMA_TDLR, DMA_RDLR, SDA_SETUP, ACK_GENERAL_CALL
    **{0x08: 0x55, 0x7C: 1, 0x84: 0, 0x88: 0, 0x8C: 0, 0x90: 0, 0x94: 0x64, 0x98: 1},
    FS_SPKLEN: 7,
}
_CONSTANTS = {0xF4: 0, 0xF8: 0x3230312A, 0xFC: 0x44570140}

RX_UNDER, RX_OVER, RX_FULL, TX_OVER, TX_EMPTY = (1 << i for i in range(5))
TX_ABRT, ACTIVITY, STOP_DET, START_DET = 1 << 6, 1 << 8, 1 << 9, 1 << 10
# Register -> what reading it clears.
_CLEARS = {
    **{CLR_INTR: 0xFFF, 0x44: RX_UNDER, 0x48: RX_OVER, 0x4C: TX_OVER, 0x50: 1 << 5},
    **{CLR_TX_ABRT: TX_ABRT, 0x58: 1 << 7, 0x5C: ACTIVITY, 0x60: STOP_DET, 0x64: START_DET},
    **{0x68: 1 << 11, 0xA8: 1 << 12},
}
_CMD_READ, _CMD_STOP, _CMD_RESTART = 1 << 8, 1 << 9, 1 << 10
_CON_SPEED, _CON_STANDARD, _CON_TX_EMPTY_CTRL = 3 << 1, 1 << 1, 1 << 8
_ABRT_7B_ADDR_NOACK, _ABRT_TXDATA_NOACK, _ABRT_USER = 1 << 0, 1 << 3, 1 << 16
_ENABLED, _ABORT, _TX_CMD_BLOCK = 1, 2, 4

_DEPTH = 16
_HELD_POLL_NS = 10_000


class DwI2c(BasePeripheral):
    """Commands go through the FIFO; each has its bits' time on the bus, then its effect."""

    def __init__(
        self, mcu, number: int, irq: int, bus: I2cBus, pins: I2cPins, clk_sys_hz: Callable[[], int]
    ):
        super().__init__(mcu, f"I2C{number}")
        self.irq = irq
        self._bus = bus
        self._pins = pins
        self._clk_sys_hz = clk_sys_hz
        self._alarm = mcu.clock.create_alarm(self._due)
        self._clear_registers()

    def _clear_registers(self) -> None:
        self._registers = dict(_RESET_VALUES)
        self._enable = 0
        self._raw = 0
        self._abort_source = 0
        self._tx: deque[int] = deque()
        self._rx: deque[int] = deque()
        self._command = 0
        self._reading: bool | None = None  # direction of the message; None while the bus is free
        self._step: Callable[[], None] | None = None  # what ends the move on the bus
        self._shifting = False

    def reset(self) -> None:
        self._alarm.cancel()
        if self._reading is not None or self._shifting:
            self._bus.break_off()
            if self._reading:
                self._pins.hold_data()
        self._clear_registers()
        self.rp2040.set_interrupt(self.irq, False)

    # Time on the bus

    @property
    def _bit_ns(self) -> float:
        registers = self._registers
        slow = registers[CON] & _CON_SPEED == _CON_STANDARD
        high = registers[SS_SCL_HCNT if slow else FS_SCL_HCNT]
        low = registers[SS_SCL_LCNT if slow else FS_SCL_LCNT]
        # Datasheet 4.3.14.1: the controller's own delays come to what the registers say.
        return (high + registers[FS_SPKLEN] + 7 + low + 1) * 1e9 / self._clk_sys_hz()

    def _after(self, bits: float, step: Callable[[], None]) -> None:
        self._step = step
        self._alarm.schedule(bits * self._bit_ns)

    def _due(self) -> None:
        step, self._step = self._step, None
        step()
        self._kick()
        self._update_interrupt()

    # What happens on the bus

    def _kick(self) -> None:
        """Begin the next move, if nothing moves and there is a command."""
        if self._step or not self._tx or self._enable & (_ENABLED | _TX_CMD_BLOCK) != _ENABLED:
            return
        if self._reading is None and self._pins.held_low:
            # Someone holds a line: the bus is not free, and the controller waits.
            self._step = lambda: None
            self._alarm.schedule(_HELD_POLL_NS)
            return
        self._command = command = self._tx.popleft()
        self._shifting = True
        reading = bool(command & _CMD_READ)
        if self._reading is None or command & _CMD_RESTART or reading != self._reading:
            # A start condition takes about a bit; the address has eight, and its acknowledge.
            self._after(10, self._addressed)
        else:
            self._after(9, self._byte_passed)

    def _addressed(self) -> None:
        self._reading = bool(self._command & _CMD_READ)
        self._raw |= START_DET | ACTIVITY
        if self._bus.start(self._registers[TAR] & 0x7F, self._reading):
            self._after(9, self._byte_passed)
        else:
            self._abort(_ABRT_7B_ADDR_NOACK)

    def _byte_passed(self) -> None:
        self._shifting = False
        if not self._reading:
            if not self._bus.write(self._command & 0xFF):
                self._abort(_ABRT_TXDATA_NOACK)
                return
        elif len(self._rx) < _DEPTH:
            self._rx.append(self._bus.read())
        else:
            self._bus.read()
            self._raw |= RX_OVER
        if self._enable & _ABORT:
            self._abort(_ABRT_USER)
        elif self._command & _CMD_STOP:
            self._after(1, self._stopped)

    def _abort(self, reason: int) -> None:
        """Both FIFOs are flushed, and a stop condition follows by itself."""
        self._shifting = False
        self._abort_source |= reason | len(self._tx) << 23
        self._raw |= TX_ABRT
        self._tx.clear()
        self._rx.clear()
        self._after(1, self._stopped)

    def _stopped(self) -> None:
        self._bus.stop()
        self._reading = None
        self._enable &= ~_ABORT
        self._raw |= STOP_DET

    # Registers

    @property
    def _interrupts(self) -> int:
        raw = self._raw
        if len(self._rx) > self._registers[RX_TL]:
            raw |= RX_FULL
        busy = self._shifting and self._registers[CON] & _CON_TX_EMPTY_CTRL
        if self._enable & _ENABLED and len(self._tx) <= self._registers[TX_TL] and not busy:
            raw |= TX_EMPTY
        return raw

    @property
    def _status(self) -> int:
        tx, rx = len(self._tx), len(self._rx)
        active = 0x21 if self._reading is not None or self._shifting else 0
        full_rx = (rx == _DEPTH) << 4
        return active | (tx < _DEPTH) << 1 | (not tx) << 2 | (rx > 0) << 3 | full_rx

    def _update_interrupt(self) -> None:
        wanted = bool(self._interrupts & self._registers[INTR_MASK])
        self.rp2040.set_interrupt(self.irq, wanted)

    def read_uint32(self, offset: int) -> int:
        if offset == DATA_CMD:
            return self._pull()
        if offset in _CLEARS:
            return self._clear(offset)
        if offset == INTR_STAT:
            return self._interrupts & self._registers[INTR_MASK]
        if offset == RAW_INTR_STAT:
            return self._interrupts
        if offset == STATUS:
            return self._status
        if offset == TX_ABRT_SOURCE:
            return self._abort_source
        if offset in (ENABLE, ENABLE_STATUS):
            return self._enable if offset == ENABLE else self._enable & _ENABLED
        if offset in (TXFLR, RXFLR):
            return len(self._tx if offset == TXFLR else self._rx)
        value = self._registers.get(offset, _CONSTANTS.get(offset))
        return super().read_uint32(offset) if value is None else value

    def _pull(self) -> int:
        if self._rx:
            value = self._rx.popleft()
        else:
            value = 0
            self._raw |= RX_UNDER
        self._update_interrupt()
        return value

    def _clear(self, offset: int) -> int:
        was = self._raw & _CLEARS[offset]
        self._raw &= ~was
        if offset in (CLR_TX_ABRT, CLR_INTR):
            self._abort_source = 0
        self._update_interrupt()
        return int(bool(was))

    def write_uint32(self, offset: int, value: int) -> None:
        if offset == DATA_CMD:
            self._push(value)
        elif offset == ENABLE:
            self._set_enable(value)
        elif offset in self._registers:
            self._registers[offset] = value & 0xFFFF
        else:
            super().write_uint32(offset, value)
        self._kick()
        self._update_interrupt()

    def _push(self, command: int) -> None:
        if self._raw & TX_ABRT:
            return  # the FIFO stays flushed until the abort is cleared
        if len(self._tx) < _DEPTH:
            self._tx.append(command & 0x7FF)
        else:
            self._raw |= TX_OVER

    def _set_enable(self, value: int) -> None:
        # Software sets the abort bit; the controller clears it, at once where nothing is to abort.
        abort = (value | self._enable) & _ABORT if self._reading is not None else 0
        self._enable = value & (_ENABLED | _TX_CMD_BLOCK) | abort
        if not value & _ENABLED:
            self._tx.clear()
            self._rx.clear()
        elif abort and not self._step:
            self._abort(_ABRT_USER)
