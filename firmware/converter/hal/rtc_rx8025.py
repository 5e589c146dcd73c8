"""Clock chip RX-8025T (and the RX-8900, which has the same registers), backed by a cell.

The RX-8025SA and NB are other chips.
"""

from converter.hal.rtc_chip import RtcChip


class Rtc(RtcChip):
    def __init__(self, calendar, i2c, scl, sda):
        # 0E.1 is VLF. What the other registers hold after it was set is not defined: 0D: no test
        # mode, no timers; 0E: all flags cleared; 0F: compensated every 2 s, counting.
        setup = b"\x0d\x00\x00\x40"
        super().__init__(
            calendar, i2c, scl, sda, 0x32, (14, 0x02), setup, b"\x01\x02\x04\x08\x10\x20\x40"
        )
