"""Clock chip DS3231: temperature-compensated, backed by a cell."""

from converter.hal.rtc_chip import RtcChip


class Rtc(RtcChip):
    def __init__(self, calendar, i2c, scl, sda):
        # 0F.7 is OSF. 0E: oscillator on with the cell too, no alarms, no square wave; 0F: OSF
        # cleared, 32 kHz output off, which would draw on the cell.
        setup = b"\x0e\x1c\x00"
        super().__init__(
            calendar, i2c, scl, sda, 0x68, (15, 0x80), setup, b"\x01\x02\x03\x04\x05\x06\x07"
        )
