"""A DL/T 645 reader that asks again and again, and knows the truth that each answer must meet.

It shares nothing with the firmware. When the trains have stopped and all had time to be counted
and committed, it asks for every register once more, now for exactly the truth, and ends.
"""

import random

import _clock

_PREAMBLE = b"\xfe\xfe\xfe\xfe"
_LIMIT_US = 1000000
_READ = 0x11
_ANSWER = 0x91


class Register:
    """`address` and `di` as a person writes them; the value is offset + pulses * num // den."""

    def __init__(self, address, di, pulse_input, offset, num, den):
        self.address = _wire(address)
        self.di = _wire(di)
        self.pulse_input = pulse_input
        self._offset, self._num, self._den = offset, num, den
        self.last = 0
        self.request = _PREAMBLE + _frame(self.address, _READ, self.di)

    def value(self, pulses):
        return self._offset + pulses * self._num // self._den

    def pulses(self, value):
        """The fewest that make this value."""
        return -(-(value - self._offset) * self._den // self._num)

    def read(self, frame):
        """The value in a sound answer to this register's request, else None."""
        if len(frame) < 16 or frame != _frame(self.address, frame[8], _plain(frame)):
            return None
        data = _plain(frame)
        if frame[8] != _ANSWER or data[:4] != self.di:
            return None
        value = 0
        for byte in reversed(data[4:]):
            if byte & 15 > 9 or byte >> 4 > 9:
                return None
            value = value * 100 + (byte >> 4) * 10 + (byte & 15)
        return value


class Reader:
    def __init__(self, line, registers, trains, before, settle_us, gap_us):
        # before: pulses emitted in earlier lives of the node, per input.
        self.tried = self.answered = self.unsound = 0
        self.above = self.backwards = self.behind = 0
        self.shortest_us, self.longest_us = _clock.FAR_US, 0
        self.final = []  # the last values, register by register
        self._line, self._registers, self._trains = line, registers, trains
        self._before = before
        self._settle_us = settle_us
        self._least_gap_us, self._most_gap_us = gap_us
        self._register = None
        self._heard = b""
        self._stopped_us = 0
        self._turn = 0
        self._exact = False
        self.due_us = _clock.now_us + self._settle_us // 2
        line.far = self
        _clock.add(self)

    def fire(self):
        if self._register is None:
            self._ask()
        else:
            self._judge()
            self._register = None
            gap_us = self._most_gap_us - self._least_gap_us
            self.due_us = _clock.now_us + self._least_gap_us + random.getrandbits(20) % gap_us

    def hear(self, data, start_us, byte_us):
        if self._register is None:
            self.unsound += 1  # it speaks without having been asked
            return
        if not self._heard:
            turnaround_us = start_us - self._asked_us
            self.shortest_us = min(self.shortest_us, turnaround_us)
            self.longest_us = max(self.longest_us, turnaround_us)
        self._heard += data
        if _is_whole(self._heard):
            self.due_us = start_us + len(data) * byte_us
            _clock.replan()

    def truth(self, pulse_input):
        n = self._before[pulse_input]
        return n + self._trains[pulse_input].emitted if self._trains else n

    def _settled(self):
        if not self._stopped_us:
            for train in self._trains:
                if not train.done:
                    return False
            self._stopped_us = _clock.now_us
        return _clock.now_us - self._stopped_us >= self._settle_us

    def _ask(self):
        registers = self._registers
        if not self._exact and self._settled():
            self._exact = True
            self._turn = 0
        if self._exact and self._turn == len(registers):
            self.due_us = _clock.FAR_US
            _clock.end("finished")
            return
        self._register = registers[self._turn % len(registers)]
        self._turn += 1
        self.tried += 1
        self._heard = b""
        self._asked_us = self._line.send(self._register.request)
        self.due_us = self._asked_us + _LIMIT_US

    def _judge(self):
        register = self._register
        heard = self._heard
        value = register.read(heard[max(0, heard.find(b"\x68")) :]) if heard else None
        if value is not None:
            self.answered += 1
            truth = self.truth(register.pulse_input)
            if value > register.value(truth):
                self.above += 1
            if value < register.last:
                self.backwards += 1
            register.last = value
            self.behind = max(self.behind, truth - register.pulses(value))
        elif heard:
            self.unsound += 1
        if self._exact:
            self.final.append(value)


def _is_whole(heard):
    at = heard.find(b"\x68")
    return at >= 0 and len(heard) >= at + 12 and len(heard) >= at + 12 + heard[at + 9]


def _plain(frame):
    return bytes((byte - 0x33) & 0xFF for byte in frame[10:-2])


def _wire(text):
    return bytes(int(text[i : i + 2], 16) for i in range(len(text) - 2, -1, -2))


def _frame(address, control, data):
    frame = b"\x68" + address + b"\x68" + bytes((control, len(data)))
    frame += bytes((byte + 0x33) & 0xFF for byte in data)
    return frame + bytes((sum(frame) & 0xFF, 0x16))
