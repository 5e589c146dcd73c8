"""The flash chip: serial NOR that takes its time, wears, and is torn by a power cut.

Commands and chip select are the emulator's own model; time, counting and tearing are added here.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from rp2040py.peripherals import ssi

STATUS_BUSY = 0x01
_PROGRAM, _ERASE = "program", "erase"


@dataclass(frozen=True)
class FlashTiming:
    """How long the part is busy. Data sheets: program 0.4..3 ms, sector erase 45..400 ms."""

    program_ns: int = 700_000
    sector_erase_ns: int = 60_000_000
    block_erase_ns: int = 150_000_000


@dataclass(frozen=True)
class FlashOperation:
    """One page program or erase, as `on_operation` hears it when it begins."""

    number: int
    kind: str
    address: int
    size: int
    start_ns: int
    busy_ns: int


class NorFlash(ssi.RPSSI):
    """`advance` lets time pass inside a status read; `cut_supply` is the node's power cut."""

    def __init__(
        self,
        mcu,
        clock,
        advance: Callable[[float], None],
        cut_supply: Callable[[], None],
        seed: int,
    ):
        super().__init__(mcu, "SSI")
        self.timing = FlashTiming()
        self.programs = 0
        self.erases = 0
        self.block_erases: Counter[int] = Counter()
        self.on_operation: Callable[[FlashOperation], None] | None = None
        self._clock = clock
        self._advance = advance
        self._random = random.Random(f"flash {seed}")
        self._cut_alarm = clock.create_alarm(cut_supply)
        self._cut_at: tuple[int, float] | None = None
        self._last: tuple[FlashOperation, bytes] | None = None

    @property
    def operations(self) -> int:
        return self.programs + self.erases

    @property
    def busy_until_ns(self) -> float:
        if self._last is None:
            return 0.0
        operation, _ = self._last
        return operation.start_ns + operation.busy_ns

    def cut_at(self, operation: int, part: float = 0.5) -> None:
        """Cut the supply in the middle of the `operation`-th write from now (1 is the next)."""
        self._cut_at = (self.operations + operation, part)

    def power_cut(self) -> None:
        """Leave what a write that was under way had done so far."""
        self._cut_alarm.cancel()
        self._cut_at = None
        if self._last is None or self._clock.nanos >= self.busy_until_ns:
            return
        operation, before = self._last
        self._last = None
        done = (self._clock.nanos - operation.start_ns) / operation.busy_ns
        start, end = operation.address, operation.address + operation.size
        after = bytes(self.rp2040.flash[start:end])
        torn = self._torn_program if operation.kind == _PROGRAM else self._torn_erase
        self.rp2040.flash[start:end] = torn(before, after, done)

    def _torn_program(self, before: bytes, after: bytes, done: float) -> bytes:
        """Cells lose their charge one by one: some of the bits to be cleared are cleared."""
        return bytes(
            old & ~(old & ~new & self._mask(done)) for old, new in zip(before, after, strict=True)
        )

    def _torn_erase(self, before: bytes, after: bytes, done: float) -> bytes:
        """An erase first programs every cell to 0, then pulls all of them to 1."""
        if done < 0.5:
            return bytes(old & ~self._mask(2 * done) & 0xFF for old in before)
        return bytes(self._mask(2 * done - 1) for _ in before)

    def _mask(self, part: float) -> int:
        """Each of 8 bits set with probability `part`."""
        return sum((self._random.random() < part) << bit for bit in range(8))

    def _shift_byte(self, byte_out: int) -> int:
        answer = super()._shift_byte(byte_out)
        if len(self._tx_buffer) > 1 and self._tx_buffer[0] == ssi.CMD_READ_STATUS_1:
            # The firmware polls with interrupts off: the wait costs emulated time, not a loop.
            self._advance(self.busy_until_ns)
            if self._clock.nanos < self.busy_until_ns:
                answer |= STATUS_BUSY
        return answer

    def _apply_command(self) -> None:
        command = self._pending_write()
        if command is None:
            super()._apply_command()
            return
        kind, address, size, busy_ns = command
        before = bytes(self.rp2040.flash[address : address + size])
        super()._apply_command()
        self._begin(kind, address, size, busy_ns, before)

    def _pending_write(self) -> tuple[str, int, int, int] | None:
        buffer = self._tx_buffer
        if len(buffer) < 4 or not self._write_enabled:
            return None
        address = self._address_from_buffer()
        timing = self.timing
        if buffer[0] == ssi.CMD_PAGE_PROGRAM and len(buffer) > 4:
            page = address & ~(ssi.FLASH_PAGE_SIZE - 1)
            return _PROGRAM, page, ssi.FLASH_PAGE_SIZE, timing.program_ns
        if buffer[0] == ssi.CMD_SECTOR_ERASE:
            size = ssi.FLASH_SECTOR_SIZE
            return _ERASE, address & ~(size - 1), size, timing.sector_erase_ns
        if buffer[0] == ssi.CMD_BLOCK_ERASE:
            size = ssi.FLASH_BLOCK_SIZE
            return _ERASE, address & ~(size - 1), size, timing.block_erase_ns
        return None

    def _begin(self, kind: str, address: int, size: int, busy_ns: int, before: bytes) -> None:
        if kind == _PROGRAM:
            self.programs += 1
        else:
            self.erases += 1
            for sector in range(address, address + size, ssi.FLASH_SECTOR_SIZE):
                self.block_erases[sector // ssi.FLASH_SECTOR_SIZE] += 1
        operation = FlashOperation(
            self.operations, kind, address, size, round(self._clock.nanos), busy_ns
        )
        self._last = (operation, before)
        if self._cut_at is not None and self._cut_at[0] == operation.number:
            self._cut_alarm.schedule(self._cut_at[1] * busy_ns)
        if self.on_operation is not None:
            self.on_operation(operation)
