"""A pulse total: from counted pulses and a base reading to the index on the dial."""


class Total:
    def __init__(self, weight_num, weight_den, exponent, digits):
        # One pulse is weight_num / weight_den units of 10**exponent m3: a fraction, so that no
        # pulse is ever rounded away. digits: of the dial, in those units; it rolls over there.
        self._num = weight_num
        self._den = weight_den
        self._modulus = 10**digits
        self.exponent = exponent
        self.base = 0  # dial reading at net pulse 0, 0..10**digits - 1 units
        self.forward = 0  # pulses
        self.reverse = 0

    @property
    def net(self):
        return self.forward - self.reverse

    def add(self, forward, reverse):
        self.forward += forward
        self.reverse += reverse

    def units(self, pulses):
        # Whole units that so many pulses are worth.
        return pulses * self._num // self._den

    def index(self):
        # 0..10**digits - 1 units: what the dial shows, forwards, backwards and around.
        return (self.base + self.units(self.net)) % self._modulus

    def base_for(self, index):
        # The base reading that makes the dial show index now; None when it has fewer digits.
        if not 0 <= index < self._modulus:
            return None
        return (index - self.units(self.net)) % self._modulus
