"""Whether a meter's main index can have come to what it says since it was read before."""

from micropython import const

from converter.model import unit as units

# A meter may renew what it shows only now and then: a rise may have gathered since the last one,
# but no longer than this.
_GATHERS_S = const(3600)


class Index:
    def __init__(self, quantity, most, exponent):
        # most, exponent: of the rise in an hour, in the base unit (of energy: Wh); 0 any.
        self._quantity = quantity
        self._most = most
        self._most_exponent = exponent
        self._value = self._old = None
        self._exponent = self._unit = self._time_s = 0
        self._old_exponent = self._old_unit = self._old_time_s = self._rose_s = 0

    def publish(self, quantity, value, exponent, unit, time_s):
        # As a point's: the reading to be judged.
        if quantity == self._quantity:
            self._value = value
            self._exponent = exponent
            self._unit = unit
            self._time_s = time_s

    def is_plausible(self):
        if self._value is None or self._old is None:
            return True
        if self._unit != self._old_unit:
            return False
        new_exponent = self._exponent
        old_exponent = self._old_exponent
        exponent = min(new_exponent, old_exponent)
        rise = self._value * 10 ** (new_exponent - exponent)
        rise -= self._old * 10 ** (old_exponent - exponent)
        if rise <= 0 or not self._most:
            return rise >= 0
        # Both readings are rounded down to the meter's resolution, and the time to a second.
        rise -= 10 ** (max(new_exponent, old_exponent) - exponent)
        gathered_s = min(self._time_s - self._rose_s, _GATHERS_S)
        elapsed_s = max(self._time_s - self._old_time_s, gathered_s) + 1
        most = self._most * elapsed_s
        if self._unit == units.J:
            most *= 3600
        exponent -= self._most_exponent
        if exponent < 0:
            most *= 10**-exponent
        else:
            rise *= 10**exponent
        return rise * 3600 <= most

    def keep(self):
        # The reading judged is what the next one is compared with.
        if self._value is None:
            return
        if self._old is None or self._value != self._old or self._exponent != self._old_exponent:
            self._rose_s = self._time_s
        self._old = self._value
        self._old_exponent = self._exponent
        self._old_unit = self._unit
        self._old_time_s = self._time_s
