"""Two contacts on one wheel: which way it turned, and what no wheel can do."""

from micropython import const

_QUARTERS = const(4)  # states of two overlapping contacts in one turn
_ORDER = bytes((0, 1, 3, 2))  # position within the turn of the levels 0, A, B, A and B
_BOTH = const(3)
_FAULT_LOOKS = const(15)  # a fault is shown so long: it is judged once a second, in ten looks
_MAGNET_LOOKS = const(5)  # both contacts closed in so many looks running: no wheel does that


class Quadrature:
    """Overlapping contacts; going forwards, A closes before B. A full turn is one pulse."""

    def __init__(self, level):
        # level: bit 0 contact A closed, bit 1 contact B.
        self._quarter = 0  # since the last whole pulse, -3..3
        self._at = _ORDER[level]  # where the steps have led to
        self._sure = False  # once they and the level have agreed, at rest
        self._shown = 0  # looks that a fault is still shown for
        self.forward = 0  # pulses found by the last step
        self.reverse = 0
        self.fault = False  # both contacts changed at once: a magnet, or edges were missed

    def step(self, quarters, level):
        # quarters: signed steps since the last call. A wheel that swings about one edge gives
        # no pulse: one is counted a full turn away from the last one only.
        at = (self._at + quarters) % _QUARTERS
        seen = _ORDER[level]
        off = (seen - at) % _QUARTERS
        self._shown = _FAULT_LOOKS if off == 2 else max(self._shown - 1, 0)
        self.fault = self._shown > 0
        # One off: the wheel moved on between the count and this look; that step is still to come.
        self._at = at if off & 1 and self._sure else seen
        self._sure = self._sure or not (off or quarters)
        quarters += self._quarter
        self.forward = quarters // _QUARTERS if quarters > 0 else 0
        self.reverse = -quarters // _QUARTERS if quarters < 0 else 0
        self._quarter = quarters - _QUARTERS * (self.forward - self.reverse)


class Sequence:
    """Two reeds that close one after the other, never both: A and then B is one pulse."""

    def __init__(self, level):
        self._armed = level == 1  # A has closed since the last pulse
        self._a = 0  # closings that came while both contacts seemed closed
        self._b = 0
        self._both = 0  # looks running at which they did
        self.forward = 0
        self.reverse = 0  # the order of two separate contacts does not tell the way
        self.fault = False  # both closed: a magnet

    def step(self, a, b, level):
        # a, b: pulses of each contact since the last call. A contact that swings at its edge
        # closes often, but without the other one it is no pulse.
        a += self._a
        b += self._b
        self._both = self._both + 1 if level == _BOTH else 0
        self.fault = self._both >= _MAGNET_LOOKS
        if self._both:
            # A disturbance passes, and what was counted counts; what a magnet closed does not.
            self._a = a
            self._b = 0 if self.fault else b
            self.forward = 0
            return
        self._a = self._b = 0
        self.forward = min(a + self._armed, b)
        # A closing left over is the next turn's, unless there are so many that A swung before B.
        left = a + self._armed - self.forward
        self._armed = left == 1 or (left > 1 and (level == 1 or not self.forward))
