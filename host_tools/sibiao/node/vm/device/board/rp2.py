"""`rp2`: PIO state machines that run the instructions which a counted contact needs, each for its
cycles. Others are refused.

A machine catches up when its pin changes and when the program looks at it; between the two the pin
stands still, so a loop that only counts down is passed by in one step.
"""

import time

import _bench
import _pin
import _pose

_MACHINES = 4  # of a block
_WORDS = 32  # its memory
_MASK = 0xFFFFFFFF
# exec() takes what the assembler makes of these.
_PULL, _OSR_TO_X, _IN_X = 0x80A0, 0xA027, 0x4020

_machines = {}
_programs = {}  # block -> what its memory holds


class _Instruction:
    def __init__(self, *what):
        self.what = what
        self.delay = 0

    def __getitem__(self, delay):
        self.delay = delay
        return self


class _Assembler:
    def __init__(self):
        self.code = []
        self.labels = {}

    def label(self, name):
        self.labels[name] = len(self.code)

    def put(self, *what):
        instruction = _Instruction(*what)
        self.code.append(instruction)
        return instruction

    def words(self):
        """What an assembled function finds as its globals."""
        put = self.put
        return {
            "label": self.label,
            "wait": lambda level, _pin, _index: put("wait", level),
            "mov": lambda to, by: put("mov", to, by),
            "set": lambda to, number: put("set", to, number),
            "jmp": lambda *to: put("jmp", *((None,) + to)[-2:]),
            "pin": "pin",
            "osr": "osr",
            "x": "x",
            "y": "y",
            "x_dec": "x_dec",
            "y_dec": "y_dec",
        }


def asm_pio(**_options):
    def assemble(function):
        assembler = _Assembler()
        names = function.__globals__
        kept = names.copy()
        names.clear()
        names.update(assembler.words())
        try:
            function()
        finally:
            names.clear()
            names.update(kept)
        return [assembler, 0, 0, 0]

    return assemble


class StateMachine:
    def __new__(cls, number):
        if number not in _machines:
            _machines[number] = object.__new__(cls)
        return _machines[number]

    def __init__(self, number):
        if not 0 <= number < _pose.pio_machines:
            raise ValueError("StateMachine(%r) doesn't exist" % (number,))
        if not hasattr(self, "_number"):
            self._number = number
            self._active = False

    def init(self, program, freq, *, in_base, jmp_pin):
        programs = _programs.setdefault(self._number // _MACHINES, [])
        if program not in programs:
            if sum([len(p[0].code) for p in programs]) + len(program[0].code) > _WORDS:
                raise OSError(12)
            programs.append(program)
        self._program = program[0]
        self._hz = freq
        self._pad = _pin._pad(jmp_pin)
        self._pad.counter = self
        self._level = self._pad.level()
        self._pc = self._x = self._y = self._osr = 0
        self._cycles = self._start_us = 0
        self._sent, self._received = [], []

    def active(self, yes=None):
        if yes is None:
            return self._active
        self._catch_up()
        self._active = bool(yes)
        self._begin()

    def put(self, word):
        self._sent.append(word)

    def get(self):
        return self._received.pop(0)

    def exec(self, code):
        _bench.pump()
        self._catch_up()
        if code == _PULL:
            self._osr = self._sent.pop(0)
        elif code == _OSR_TO_X:
            self._x = self._osr
        elif code == _IN_X:
            self._received.append(self._x)
        elif code < _WORDS:
            self._pc = code
        else:
            raise ValueError("PIO instruction 0x%04x is not simulated" % code)

    def edge(self, level):
        """The pin has another level."""
        waited = self._catch_up()
        self._level = level
        if waited:
            self._begin()

    def _begin(self):
        # A machine that waits takes a cycle to see that it need not any more.
        self._start_us, self._cycles = time.now_us(), 1

    def _due_us(self):
        return self._start_us - (-self._cycles * 1000000 // self._hz)

    def _catch_up(self):
        # Execute what fell due until now. Whether it waits for its pin.
        if not self._active:
            return False
        now_us = time.now_us()
        code = self._program.code
        looped_at, looped = -1, 0
        while self._due_us() <= now_us:
            at = self._pc
            instruction = code[at]
            what, to, by = (instruction.what + (None,))[:3]
            if what == "wait":
                if self._level != to:
                    return True
                self._next()
            elif what == "jmp":
                if self._jumps(to):
                    self._pc = self._program.labels[by]
                    if to == "y_dec" and self._pc <= at:
                        if at == looped_at:
                            self._pass_by(self._cycles - looped, now_us)
                        looped_at, looped = at, self._cycles
                else:
                    self._next()
            elif (what, to) == ("mov", "y") and by == "osr":
                self._y = self._osr
                self._next()
            elif (what, to) == ("set", "y"):
                self._y = by
                self._next()
            else:
                raise ValueError("PIO instruction %r is not simulated" % (instruction.what,))
            self._cycles += 1 + instruction.delay
        return False

    def _pass_by(self, round_cycles, now_us):
        # Two rounds of a loop have shown how long one takes; those that end by now are like them.
        left = (now_us - self._start_us) * self._hz // 1000000 - self._cycles
        rounds = min(self._y, left // round_cycles)
        if rounds > 0:
            self._y -= rounds
            self._cycles += rounds * round_cycles

    def _next(self):
        self._pc = (self._pc + 1) % len(self._program.code)

    def _jumps(self, condition):
        if condition is None:
            return True
        if condition == "pin":
            return self._level == 1
        name = "_" + condition[0]
        before = getattr(self, name)
        setattr(self, name, (before - 1) & _MASK)
        return before != 0
