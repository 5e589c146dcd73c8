"""The PL011 UART as ARM's technical reference manual (DDI 0183) describes it.

FIFOs, levels, time-out and error bits take the time they take on the wire. Not modelled: loopback,
IrDA and the modem lines other than a CTS that is always given.
"""

from collections import deque
from collections.abc import Callable

from rp2040py.peripherals.dma import DREQChannel
from rp2040py.peripherals.peripheral import BasePeripheral

from sibiao.node.pico.wire import Format, Received, Receiver, Wire

DR, RSR, FR, IBRD, FBRD, LCR_H, CR = 0x00, 0x04, 0x18, 0x24, 0x28, 0x2C, 0x30
IFLS, IMSC, RIS, MIS, ICR, DMACR = 0x34, 0x38, 0x3C, 0x40, 0x44, 0x48
_IDENTITY = dict(enumerate((0x11, 0x10, 0x34, 0x00, 0x0D, 0xF0, 0x05, 0xB1)))
_IDENTITY_START = 0xFE0

FR_CTS, FR_BUSY, FR_RXFE, FR_TXFF, FR_RXFF, FR_TXFE = (
    1 << 0,
    1 << 3,
    1 << 4,
    1 << 5,
    1 << 6,
    1 << 7,
)
LCR_BRK, LCR_PEN, LCR_EPS, LCR_STP2, LCR_FEN, LCR_SPS = 1, 2, 4, 8, 16, 128
CR_UARTEN, CR_TXE, CR_RXE = 1 << 0, 1 << 8, 1 << 9
INT_RX, INT_TX, INT_RT, INT_FE, INT_PE, INT_BE, INT_OE = (1 << i for i in range(4, 11))
DR_FE, DR_PE, DR_BE, DR_OE = 1 << 8, 1 << 9, 1 << 10, 1 << 11
DMA_RX, DMA_TX = 1, 2

# Registers that read as what they hold.
_PLAIN = {
    **{RSR: "_rsr", LCR_H: "_lcr", CR: "_cr", IFLS: "_ifls"},
    **{IMSC: "_imsc", RIS: "_ris", DMACR: "_dmacr"},
}

_DEPTH = 32
_LEVELS = {0: 4, 1: 8, 2: 16, 3: 24, 4: 28}
_TIMEOUT_BITS = 32
_UART_FUNCTION = 2
# Pins whose function 2 is this UART: RP2040 datasheet, GPIO function table.
_TX_PINS = ((0, 12, 16, 28), (4, 8, 20, 24))
_RX_PINS = ((1, 13, 17, 29), (5, 9, 21, 25))
_DREQ = (
    (DREQChannel.DREQ_UART0_TX, DREQChannel.DREQ_UART0_RX),
    (DREQChannel.DREQ_UART1_TX, DREQChannel.DREQ_UART1_RX),
)


class PL011(BasePeripheral):
    """`out` is the wire from the node, `into` the wire to it."""

    def __init__(self, mcu, number: int, irq: int, clock, clk_peri_hz: Callable[[], int]):
        super().__init__(mcu, f"UART{number}")
        self.irq = irq
        self.out = Wire()
        self.into = Wire()
        self._number = number
        self._clock = clock
        self._clk_peri_hz = clk_peri_hz
        self._tx_alarm = clock.create_alarm(self._sent)
        self._timeout_alarm = clock.create_alarm(self._timed_out)
        self._transmitting = False
        self._clear_registers()
        self._receiver = Receiver(clock, self.into, self._receiving, self._received)

    def _clear_registers(self) -> None:
        self._cr = CR_TXE | CR_RXE
        self._lcr = 0
        self._divisor = self._divisor_latch = [0, 0]
        self._ifls = 0x12
        self._imsc = self._ris = self._rsr = self._dmacr = 0
        self._overrun = False
        self._tx: deque[int] = deque()
        self._rx: deque[int] = deque()

    def reset(self) -> None:
        self._tx_alarm.cancel()
        self._timeout_alarm.cancel()
        if self._transmitting or self._lcr & LCR_BRK:
            # A character cut off: the line goes back to idle now.
            self.out.cut(self._clock.nanos)
        self._transmitting = False
        self._clear_registers()
        self._receiver.restart()
        self._update_interrupt()

    # What the registers mean

    @property
    def baud(self) -> float:
        """The rate on the wire, from the divisor in force; 0 while none is set."""
        whole, fraction = self._divisor
        divisor = whole + fraction / 64
        return self._clk_peri_hz() / (16 * divisor) if divisor else 0.0

    @property
    def format(self) -> Format | None:
        baud = self.baud
        if not baud:
            return None
        lcr = self._lcr
        parity = "N"
        if lcr & LCR_PEN:
            even = bool(lcr & LCR_EPS)
            parity = ("1", "0")[even] if lcr & LCR_SPS else ("O", "E")[even]
        return Format(1e9 / baud, 5 + (lcr >> 5 & 3), parity, 2 if lcr & LCR_STP2 else 1)

    @property
    def _depth(self) -> int:
        return _DEPTH if self._lcr & LCR_FEN else 1

    def _level(self, shift: int) -> int:
        return _LEVELS.get(self._ifls >> shift & 7, 28) if self._lcr & LCR_FEN else 0

    def _has_pin(self, pins: tuple[int, ...]) -> bool:
        return any(self.rp2040.gpio[pin].ctrl & 0x1F == _UART_FUNCTION for pin in pins)

    @property
    def _flags(self) -> int:
        flags = FR_CTS
        if self._transmitting or self._tx:
            flags |= FR_BUSY
        if not self._rx:
            flags |= FR_RXFE
        if len(self._rx) >= self._depth:
            flags |= FR_RXFF
        if not self._tx:
            flags |= FR_TXFE
        if len(self._tx) >= self._depth:
            flags |= FR_TXFF
        return flags

    def _update_interrupt(self) -> None:
        self.rp2040.set_interrupt(self.irq, bool(self._ris & self._imsc))

    def _update_dreq(self) -> None:
        for index, wanted in enumerate(
            (
                self._dmacr & DMA_TX and len(self._tx) < self._depth,
                self._dmacr & DMA_RX and self._rx,
            )
        ):
            change = self.rp2040.dma.set_dreq if wanted else self.rp2040.dma.clear_dreq
            change(_DREQ[self._number][index])

    # Sending

    def _write_data(self, value: int) -> None:
        if len(self._tx) < self._depth:
            self._tx.append(value & 0xFF)
        # The interrupt tells of a level passed on the way down: writing above it takes it back.
        if len(self._tx) > self._level(0):
            self._ris &= ~INT_TX
        self._kick()
        self._update_interrupt()

    def _kick(self) -> None:
        """Move the next character into the shift register, if it is free."""
        enabled = CR_UARTEN | CR_TXE
        if self._transmitting or not self._tx or self._cr & enabled != enabled:
            return
        format = self.format
        if format is None:
            return
        value = self._tx.popleft()
        if len(self._tx) == self._level(0):
            self._ris |= INT_TX
        self._transmitting = True
        if self._has_pin(_TX_PINS[self._number]):
            self.out.drive(self._clock.nanos, format.bit_ns, format.levels(value))
        self._tx_alarm.schedule(format.character_ns)

    def _sent(self) -> None:
        self._transmitting = False
        self._kick()
        self._update_interrupt()
        if self._dmacr:
            self._update_dreq()

    # Receiving

    def _receiving(self) -> Format | None:
        enabled = CR_UARTEN | CR_RXE
        return self.format if self._cr & enabled == enabled else None

    def _received(self, character: Received) -> None:
        if not self._has_pin(_RX_PINS[self._number]):
            return
        errors = 0
        if character.is_break:
            errors |= DR_BE | DR_FE
        else:
            errors |= DR_PE if character.parity_error else 0
            errors |= DR_FE if character.framing_error else 0
        self._ris |= errors >> 1 & (INT_FE | INT_PE | INT_BE)
        if len(self._rx) >= self._depth:
            self._overrun = True
            self._rsr |= DR_OE >> 8
            self._ris |= INT_OE
        else:
            # The overrun is told with the first character that found room again.
            overrun = DR_OE if self._overrun else 0
            self._overrun = False
            self._rx.append(errors | overrun | (0 if character.is_break else character.value))
            if len(self._rx) == max(1, self._level(3)):
                self._ris |= INT_RX
        self._timeout_alarm.schedule(_TIMEOUT_BITS * self.format.bit_ns)
        self._update_interrupt()
        if self._dmacr:
            self._update_dreq()

    def _timed_out(self) -> None:
        if self._rx:
            self._ris |= INT_RT
            self._update_interrupt()

    def _read_data(self) -> int:
        if not self._rx:
            return 0
        word = self._rx.popleft()
        self._rsr = self._rsr & DR_OE >> 8 | word >> 8 & 7
        if len(self._rx) < max(1, self._level(3)):
            self._ris &= ~INT_RX
        if not self._rx:
            self._ris &= ~INT_RT
            self._timeout_alarm.cancel()
        self._update_interrupt()
        if self._dmacr:
            self._update_dreq()
        return word

    # The bus

    def read_uint32(self, offset: int) -> int:
        if offset == DR:
            return self._read_data()
        if offset == FR:
            return self._flags
        if offset == MIS:
            return self._ris & self._imsc
        if offset in (IBRD, FBRD):
            return self._divisor_latch[offset == FBRD]
        if offset in _PLAIN:
            return getattr(self, _PLAIN[offset])
        if offset == ICR:
            return 0
        identity = _IDENTITY.get(offset - _IDENTITY_START >> 2)
        return super().read_uint32(offset) if identity is None else identity

    def write_uint32(self, offset: int, value: int) -> None:
        if offset == DR:
            self._write_data(value)
        elif offset == RSR:
            self._rsr = 0
        elif offset == IBRD:
            self._divisor_latch = [value & 0xFFFF, self._divisor_latch[1]]
        elif offset == FBRD:
            self._divisor_latch = [self._divisor_latch[0], value & 0x3F]
        elif offset == LCR_H:
            self._set_line(value & 0xFF)
        elif offset == CR:
            self._set_control(value & 0xFFFF)
        elif offset == IFLS:
            self._ifls = value & 0x3F
        elif offset == IMSC:
            self._imsc = value & 0x7FF
            self._update_interrupt()
        elif offset == ICR:
            self._ris &= ~self.raw_write_value
            self._update_interrupt()
        elif offset == DMACR:
            self._dmacr = value & 7
            self._update_dreq()
        else:
            super().write_uint32(offset, value)

    def _set_line(self, lcr: int) -> None:
        if (lcr ^ self._lcr) & LCR_FEN:
            self._tx.clear()
            self._rx.clear()
        if (lcr ^ self._lcr) & LCR_BRK and self._has_pin(_TX_PINS[self._number]):
            self.out.drive(self._clock.nanos, 0.0, [0 if lcr & LCR_BRK else 1])
        self._lcr = lcr
        # One strobe takes over all three registers.
        self._divisor = self._divisor_latch
        self._kick()

    def _set_control(self, cr: int) -> None:
        receiving = CR_UARTEN | CR_RXE
        was = self._cr & receiving == receiving
        self._cr = cr
        if (cr & receiving == receiving) != was:
            self._receiver.restart()
        self._kick()
        if self._dmacr:
            self._update_dreq()
