"""From sources to counts: one contact, two overlapping ones, or two that close in turn.

Each reader: step() leaves forward, reverse and fault; levels() is what the contacts show now.
"""

from converter.model.direction import Quadrature, Sequence


class Single:
    reverse = 0
    fault = False

    def __init__(self, source):
        self.sources = (source,)
        self.forward = 0
        self.levels = source.level

    def step(self):
        self.forward = self.sources[0].take()


class TwoOverlapping(Quadrature):
    def __init__(self, pair):
        self.sources = (pair,)
        self.levels = pair.level
        super().__init__(pair.level())

    def step(self):
        pair = self.sources[0]
        super().step(pair.take(), pair.level())


class TwoInTurn(Sequence):
    def __init__(self, a, b):
        self.sources = (a, b)
        super().__init__(self.levels())

    def levels(self):
        a, b = self.sources
        return a.level() | b.level() << 1

    def step(self):
        a, b = self.sources
        super().step(a.take(), b.take(), self.levels())
