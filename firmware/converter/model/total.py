"""A pulse total: from counted pulses and a base reading to the index on the dial."""


class Total:
    def __init__(self, weight_num, weight_den, exponent, digits):
        # One pulse is weight_num / weight_den units of 10**exponent m3: a fraction, so that no
        # pulse is ever rounded away. digits: of the dial, in those units; it rolls over there.
        self._num = weight_num
        self._den = weight_den
        self._modulus = 10**digits
        self.exponent = exponent
        self.base = 0  # dial reading at pulse 0, in units of 10**exponent
        self.pulses = 0

    def add(self, pulses):
        self.pulses += pulses

    def index(self):
        # 0..10**digits - 1, in units of 10**exponent; whole units only, as the dial shows them.
        return (self.base + self.pulses * self._num // self._den) % self._modulus
