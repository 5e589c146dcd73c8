"""What the clock chips on I2C have in common: the time in BCD in registers 0..6, and a flag that
tells that it stood still. Each chip's own module says where and how.

hal imports nothing of ours, so `calendar` is handed in: model.calendar.
"""

import machine
from micropython import const

from converter.hal import chip

_FREQ_HZ = const(400000)


def _bcd(byte):
    return (byte >> 4) * 10 + (byte & 15) if byte & 15 < 10 else 255


def _free_bus(scl, sda):
    # A chip whose answer was cut off by our reset holds SDA low until it is clocked to its end.
    sda = machine.Pin(sda, machine.Pin.IN, machine.Pin.PULL_UP)
    scl = machine.Pin(scl, machine.Pin.OPEN_DRAIN, machine.Pin.PULL_UP, value=1)
    for _ in range(9):
        if sda():
            return
        scl(0)
        scl(1)


class RtcChip:
    def __init__(self, calendar, i2c, scl, sda, address, stopped, setup, weekdays):
        # stopped: (register, mask) of the flag. setup: bytes written, register first, after the
        # time: they clear the flag. weekdays: the codes of Sunday to Saturday.
        _free_bus(scl, sda)
        if chip.PINS_FIXED:
            self._i2c = machine.I2C(i2c, freq=_FREQ_HZ)
        else:
            self._i2c = machine.I2C(i2c, scl=machine.Pin(scl), sda=machine.Pin(sda), freq=_FREQ_HZ)
        self._calendar = calendar
        self._address = address
        self._stopped = stopped
        self._setup = setup
        self._weekdays = weekdays
        self._registers = bytearray(16)
        self._again = bytearray(16)
        self._time = bytearray(8)  # register number 0, then seconds to year
        self.fault = False  # the chip did not answer when it was last asked

    def read(self):
        # Seconds since 2000, or None when the chip has no time that can be trusted. All in one
        # transfer; and a minute that ended since the last second, on a chip that does not hold
        # its time meanwhile, shows in a second one.
        r = self._registers
        try:
            self._i2c.readfrom_mem_into(self._address, 0, r)
            if r[0] & 0x7F == 0x59:
                self._i2c.readfrom_mem_into(self._address, 0, self._again)
                if self._again[0] != r[0]:
                    r = self._again
        except OSError:
            self.fault = True
            return None
        self.fault = False
        register, mask = self._stopped
        if r[register] & mask:
            return None
        # The top bits of the month may hold a century, which is always this one.
        return self._calendar.to_seconds(
            2000 + _bcd(r[6]), _bcd(r[5] & 0x1F), _bcd(r[4]), _bcd(r[2]), _bcd(r[1]), _bcd(r[0])
        )

    def write(self, seconds):
        # True when the chip has the time. The flag is cleared last: cut short, it still stands.
        t = self._time
        fields = self._calendar.from_seconds(seconds)
        for register in range(7):
            if register == 3:
                t[4] = self._weekdays[self._calendar.weekday(seconds)]
            else:
                value = fields[5 - register + (register > 3)] % 100
                t[1 + register] = value // 10 << 4 | value % 10
        try:
            self._i2c.writeto(self._address, t)
            self._i2c.writeto(self._address, self._setup)
        except OSError:
            self.fault = True
            return False
        self.fault = False
        return True
