"""The PIO blocks, driven by their own due times.

The emulator runs at most one PIO instruction for each step of the processor, so a state machine
all but stands still while the processor sleeps. Here a block catches up whenever it is looked at
or a pin changes, each instruction at its own time. A block whose effects show in other ways too
(driven pins, interrupts, DMA) is never more than a microsecond late.

Not modelled: the two system clocks by which the input synchroniser delays a pin.
"""

from rp2040py.peripherals.pio import RPPIO, WaitType

_NEVER_DUE = 1 << 62
_CTRL = 0x0
_FIRST_SM, _SM_SIZE, _SM_INSTR = 0x0C8, 0x18, 0x10
_INSTRUCTIONS = 32
_EXEC_STALLED = 1 << 31
_JUMP_ALWAYS = 0xE0E0  # these bits of an instruction are clear
_OUT, _MOV, _IRQ, _SET = 0b011, 0b101, 0b110, 0b111
_ALWAYS, _Y_DEC, _PIN = 0b000, 0b100, 0b110
_JUMP_BITS, _X_DEC = 0xE0FF, 0x0040  # of a jump: all but its delay; by X, which it counts down
# Destinations: pins, their directions, or an instruction to execute.
_SHOWING = {_OUT: {0, 4, 7}, _MOV: {0, 4}, _IRQ: set(range(8)), _SET: {0, 4}}
# 1/256 of a system clock, the emulator's unit for fractional dividers, and back.
_UNITS_PER_NS = 256 / 8
_LATEST_NS = 1000
# A machine that repeats itself is looked for after so many instructions in one go.
_MAY_REPEAT = 4
_LONGEST_ROUND = 32


class DrivenPio(RPPIO):
    """`stopped` stays true, so that the emulator's own loop leaves the block alone."""

    def __init__(self, mcu, name: str, first_irq: int, index: int):
        if RPPIO.__init__ is not object.__init__:
            super().__init__(mcu, name, first_irq, index)
        self._clock = mcu.clock
        self._alarm = mcu.clock.create_alarm(self._due)
        self._dma = mcu.dma
        self._shows = self._counts_down = False

    def catch_up(self) -> None:
        """Execute what fell due until now, each instruction at its own time."""
        now = int(self._clock.nanos * _UNITS_PER_NS)
        steps = 0
        if self._counts_down:
            self._count_down(now)
        while self.next_due_fp <= now:
            if steps == _MAY_REPEAT and not self._shows:
                for machine in self.machines:
                    if machine.enabled and not machine.waiting:
                        self._skip_rounds(machine, now)
                self.recompute_due()
                steps = 0
                continue
            self.cycle_fp = self.next_due_fp
            RPPIO.advance(self, 0)
            steps += 1
            if self._counts_down:
                self._count_down(now)
        self.cycle_fp = now

    def _count_down(self, now: int) -> None:
        """Pass by the rounds of machines that wait by counting X down, which nobody sees."""
        passed = False
        for machine in self.machines:
            if machine.enabled and not machine.waiting and machine.next_due_fp <= now:
                period_fp = self._countdown_fp(machine)
                if period_fp:
                    rounds = min(machine.x, (now - machine.next_due_fp) // period_fp)
                    machine.x -= rounds
                    machine.cycles += rounds * period_fp // machine.div_fp
                    machine.next_due_fp += rounds * period_fp
                    passed = passed or rounds > 0
        if passed:
            self.recompute_due()

    def _countdown_fp(self, machine) -> int:
        """How long a round of `jmp(x_dec, itself)` takes, 0 where the machine is at none."""
        word = self.instructions[machine.pc]
        if machine.sideset_count or not _is_countdown(word, machine.pc):
            return 0
        return (1 + (word >> 8 & 0x1F)) * machine.div_fp

    def _skip_rounds(self, machine, now: int) -> None:
        """Run one machine through a round of its loop. If that changed nothing, or only counted Y
        down, so will the rounds that follow, as long as no pin changes and nobody looks."""
        before, y = _state(machine), machine.y
        first, began_fp, began_cycles = machine.pc, machine.next_due_fp, machine.cycles
        only_jumps = True
        for _ in range(_LONGEST_ROUND):
            if machine.next_due_fp > now:
                return
            only_jumps = only_jumps and _jumps_by_pin_or_y(self.instructions[machine.pc])
            self.cycle_fp = machine.next_due_fp
            machine.step()
            if machine.waiting:
                return
            if machine.pc == first:
                break
        else:
            return
        period_fp = machine.next_due_fp - began_fp
        rounds = (now - machine.next_due_fp) // period_fp
        if rounds <= 0 or _state(machine) != before:
            return
        if machine.y != y:
            if machine.y != y - 1 or not only_jumps:
                return
            rounds = min(rounds, machine.y)
            machine.y -= rounds
        machine.cycles += rounds * (machine.cycles - began_cycles)
        machine.next_due_fp += rounds * period_fp

    def pin_changed(self, gpio: int) -> None:
        """Call `catch_up` before the change and this after it."""
        for machine in self.machines:
            if (
                machine.enabled
                and machine.waiting
                and machine.wait_type == WaitType.PIN
                and machine.wait_index == gpio
            ):
                stalled_fp = machine.next_due_fp
                machine.check_wait()
                if not machine.waiting:
                    # The wait ends at a tick of the machine's own clock.
                    machine.next_due_fp += (stalled_fp - self.cycle_fp) % machine.div_fp
                    self.recompute_due()
                    self._arm()

    def notify_due(self, due_fp: int) -> None:
        RPPIO.notify_due(self, due_fp)
        self._arm()

    def read_uint32(self, offset: int) -> int:
        self.catch_up()
        value = super().read_uint32(offset)
        self._arm()
        return value

    def write_uint32(self, offset: int, value: int) -> None:
        self.catch_up()
        number, register = divmod(offset - _FIRST_SM, _SM_SIZE)
        if 0 <= number < len(self.machines) and register == _SM_INSTR:
            self._execute(self.machines[number], value)
        else:
            super().write_uint32(offset, value)
        if offset == _CTRL:
            self.stopped = True
        self._shows = self._may_show()
        self._counts_down = any(map(_is_countdown, self.instructions, range(_INSTRUCTIONS)))
        self.recompute_due()
        self._arm()

    def _execute(self, machine, word: int) -> None:
        """An instruction written by the processor, in between those of the program."""
        stalled = machine.waiting
        machine.write_uint32(_SM_INSTR, word)
        if stalled and word & _JUMP_ALWAYS == 0:
            machine.waiting = False
            machine.next_due_fp = self.cycle_fp + machine.div_fp
        if stalled:
            # What stalls is the program, not the instruction written.
            machine.exec_ctrl &= ~_EXEC_STALLED
        self.check_changed_pins()

    def _may_show(self) -> bool:
        """Whether anything but a read of a register can tell what the machines have done."""
        return (
            bool(self.irq0_int_enable or self.irq1_int_enable)
            or any(channel.active for channel in self._dma.channels)
            or any(machine.enabled and machine.sideset_count for machine in self.machines)
            or any(_shows(word) for word in self.instructions)
        )

    def reset(self) -> None:
        super().reset()
        self.recompute_due()
        self._arm()

    def _due(self) -> None:
        self.catch_up()
        self._arm()

    def _arm(self) -> None:
        if self.next_due_fp >= _NEVER_DUE or not self._shows:
            self._alarm.cancel()
            return
        due_fp = self.next_due_fp
        if self._counts_down:
            due_fp = min(
                machine.next_due_fp + machine.x * self._countdown_fp(machine)
                for machine in self.machines
                if machine.enabled and not machine.waiting
            )
        due_ns = due_fp / _UNITS_PER_NS - self._clock.nanos
        self._alarm.schedule(max(due_ns, _LATEST_NS))


def _shows(word: int) -> bool:
    """Whether an instruction may do what is seen outside the block."""
    return word >> 5 & 7 in _SHOWING.get(word >> 13, ())


def _is_countdown(word: int, at: int) -> bool:
    """Whether an instruction is `jmp(x_dec, itself)`."""
    return word & _JUMP_BITS == _X_DEC | at


def _jumps_by_pin_or_y(word: int) -> bool:
    return word >> 13 == 0 and word >> 5 & 7 in (_ALWAYS, _Y_DEC, _PIN)


def _state(machine) -> tuple:
    """What a machine's next steps depend on, but for Y and the pins."""
    return (
        machine.pc,
        machine.x,
        machine.input_shift_reg,
        machine.input_shift_count,
        machine.output_shift_reg,
        machine.output_shift_count,
        machine.rx_fifo.item_count,
        machine.tx_fifo.item_count,
    )
