"""A metering point: the latest values of one meter, each with its time.

Written by whoever reads the meter, read by the station. Neither side awaits in the middle, so an
answer is one consistent snapshot.
"""

from micropython import const

SILENT = const(1)  # the meter did not answer when it was last asked
REFUSED = const(2)  # the meter answered with an error
UNREADABLE = const(4)  # the answer did not hold what the profile says
GAP = const(8)  # pulses may have been missed since somebody last entered the dial
RESTORED = const(16)  # the record was lost once, and the dial entered anew
LOST = const(32)  # the record is unreadable or another meter's: the total is unknown
ALARM = const(64)  # an alarm holds now
SUSPECT = const(128)  # the main index fell, or rose faster than the meter can, and said so twice
DEFAULT_PASSWORD = const(256)  # of the converter itself: a password was never changed


class MeteringPoint:
    def __init__(self, address, quantities, max_age_s):
        # address: 6 bytes as on the wire. quantities: bytes of codes from model.quantity.
        # max_age_s: a value older than this is unknown; 0 for values that are always current.
        n = len(quantities)
        self.address = self.identity = address  # another may be written (15H); whose it is stays
        self.max_age_s = max_age_s
        self.status = 0
        self.quantities = quantities
        self._values = [None] * n
        self._exponents = [0] * n
        self._units = bytearray(n)
        self._times_s = [0] * n

    def publish(self, quantity, value, exponent, unit, time_s):
        # value: a whole number, or None for unknown.
        i = self.slot(quantity)
        if i >= 0:
            self._values[i] = value
            self._exponents[i] = exponent
            self._units[i] = unit
            self._times_s[i] = time_s

    def slot(self, quantity):
        # Where the quantity is kept, or -1 when this point has none.
        for i in range(len(self.quantities)):
            if self.quantities[i] == quantity:
                return i
        return -1

    def value(self, slot):
        return self._values[slot]

    def exponent(self, slot):
        return self._exponents[slot]

    def unit(self, slot):
        return self._units[slot]

    def time_s(self, slot):
        return self._times_s[slot]

    def expire(self, now_s):
        # Forget what is older than max_age_s: no stale value may pass for a fresh one.
        if self.max_age_s:
            for i in range(len(self._values)):
                if now_s - self._times_s[i] > self.max_age_s:
                    self._values[i] = None
