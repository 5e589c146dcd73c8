"""The fixed data structure (CI 73, 77): ID 4, access, status, media and units 2, two counters."""

from micropython import const

from converter.link import mbus
from converter.meters import mbus_records, mbus_unit, mbus_vif
from converter.model import unit

_STATUS = const(12)  # offsets in the frame
_MEDIA = const(13)
_COUNTERS = const(15)
_BINARY = const(0x80)  # of the status; else BCD
_STORED = const(0x40)

# Nine decades from each of these codes on: kind, base unit, exponent of the first + 16.
_FIRST = const(2)
_DECADES = const(9)
_ROWS = bytes(
    (mbus_vif.ENERGY, unit.WH, 16)
    + (mbus_vif.ENERGY, unit.J, 19)
    + (mbus_vif.POWER, unit.W, 16)
    + (mbus_vif.POWER, mbus_unit.J_PER_H, 19)
    + (mbus_vif.VOLUME, unit.M3, 10)
    + (mbus_vif.VOLUME_FLOW, unit.M3_PER_H, 10)
)
_CELSIUS = const(0x38)
_HCA = const(0x39)
_HISTORIC = const(0x3E)  # the unit of the other counter, at a past date
_NO_UNIT = const(0x3F)


def medium(frame):
    # The four bits that both media bytes share between them.
    a, b = _units(frame)
    return a >> 6 | b >> 6 << 2


def _units(frame):
    a = frame[_MEDIA]
    b = frame[_MEDIA + 1]
    return (b, a) if frame[mbus.CI] == 0x77 else (a, b)


class Counters(mbus_records.Records):
    # The two counters as records; same use as Records.
    def start(self, frame):
        self._buf = frame
        self.msb_first = frame[mbus.CI] == 0x77
        self.to_meter = self.more = False
        self.error = mbus_records.SOUND
        self.vendor_at = -1
        self.offset = _COUNTERS - 4
        self.end = _COUNTERS
        self._k = 0

    def next(self):
        if self._k == 2:
            return False
        frame = self._buf
        status = frame[_STATUS]
        codes = _units(frame)
        code = codes[self._k] & 0x3F
        self._k += 1
        self.storage = 1 if status & _STORED else 0
        if code == _HISTORIC:
            self.storage = 1
            code = codes[2 - self._k] & 0x3F
        self.coding = mbus_records.INTEGER if status & _BINARY else mbus_records.BCD
        self.unsigned = True
        self.offset += 4
        self.vif_at = _MEDIA + self._k - 1
        self.data_at = self.offset
        self.data_n = 4
        self.end = self.offset + 4
        self._set_unit(code)
        return True

    def _set_unit(self, code):
        self.kind = mbus_vif.UNKNOWN
        self.unit = unit.NONE
        self.scale = 0
        row, decade = divmod(code - _FIRST, _DECADES)
        if code >= _FIRST and row < 6:
            self.kind = _ROWS[3 * row]
            self.unit = _ROWS[3 * row + 1]
            self.scale = _ROWS[3 * row + 2] - 16 + decade
        elif code == _CELSIUS:
            self.kind = mbus_vif.EXTERNAL_TEMPERATURE
            self.unit = unit.CELSIUS
            self.scale = -3
        elif code == _HCA:
            self.kind = mbus_vif.HCA
            self.unit = mbus_unit.HCA
        elif code == _NO_UNIT:
            self.kind = mbus_vif.ANY
