"""The records of a variable data structure (EN 13757-3 clause 6), one by one, in place."""

from micropython import const

from converter.codec.checksum import sum8
from converter.meters import mbus_value, mbus_vif
from converter.model import unit

# Functions, as in the DIF.
INSTANTANEOUS = const(0)
MAXIMUM = const(1)
MINIMUM = const(2)
ERROR_STATE = const(3)

# How the data is coded.
NOTHING = const(0)
INTEGER = const(1)
REAL = const(2)
BCD = const(3)
TEXT = const(4)
MINUS_BCD = const(5)
BYTES = const(6)  # binary, longer than any number
SELECTION = const(7)  # no data: what the master selects for the readout

# What stops the walk.
SOUND = const(0)
TRUNCATED = const(1)
TOO_MANY_DIFE = const(2)
TOO_MANY_VIFE = const(3)
RESERVED_DIF = const(4)
RESERVED_LVAR = const(5)
LONG_TEXT = const(6)  # a plain-text VIF longer than the telegram

# Quirks, only where a profile says so.
WIDE_0C = const(1)  # DIF 0C with 6 bytes instead of 4
BCD_DATES = const(2)  # dates of type F, G, I under a BCD DIF (0A, 0C, 0E)

_MOST = const(10)  # DIFE, and VIFE, of one record
_LENGTHS = b"\x00\x01\x02\x03\x04\x04\x06\x08\x00\x01\x02\x03\x04\x00\x06"
_CODINGS = b"\x00\x01\x01\x01\x01\x02\x01\x01\x07\x03\x03\x03\x03\x04\x03"

_FD_DATES = const(0xB0)  # kinds of FD 30 and FD 70: start of a tariff, change of the battery

_extension = None  # modules that only some meters need
_combination = None


class Records:
    # One object serves all telegrams: start(), then next() until it is False; then `error`
    # says whether that was the end. The attributes are those of the latest record.
    def __init__(self, quirks=0):
        self._quirks = quirks
        self.kind = self.unit = self.scale = self.exponent = self.modifier = self.detail = 0
        self.factor = 1
        self.unsigned = self.to_meter = False
        self.function = self.storage = self.tariff = self.subunit = self.fault = 0
        self.coding = self.offset = self.vif_at = self.end = 0
        self.data_at = self.data_n = self.name_at = self.name_n = 0

    def start(self, buf, at, end, msb_first=False, to_meter=False):
        self._buf = buf
        self._last = end
        self.msb_first = msb_first  # mode 2: numbers and texts the other way round
        self.to_meter = to_meter  # VIFEs 00..1F are actions, not errors
        self.end = at
        self.error = SOUND
        self.more = False  # records follow in the next telegram (DIF 1F)
        self.vendor_at = -1  # the manufacturer's data reach from here to the end (DIF 0F, 1F)

    def next(self):
        buf = self._buf
        at = self.end
        last = self._last
        while True:
            if at >= last:
                self.end = at
                return False
            dif = buf[at]
            self.offset = at
            at += 1
            if dif & 0x0F != 0x0F:
                break
            if dif <= 0x1F:
                self.more = dif == 0x1F
                self.vendor_at = at
                self.end = last
                return False
            if dif != 0x2F and dif != 0x7F:  # idle filler, global readout request
                return self._stop(RESERVED_DIF)
        self.function = dif >> 4 & 3
        storage = dif >> 6 & 1
        tariff = subunit = 0
        byte = dif
        k = 0
        while byte & 0x80:
            if at >= last:
                return self._stop(TRUNCATED)
            if k >= _MOST:
                return self._stop(TOO_MANY_DIFE)
            byte = buf[at]
            at += 1
            storage |= (byte & 0x0F) << (4 * k + 1)
            tariff |= (byte >> 4 & 3) << 2 * k
            subunit |= (byte >> 6 & 1) << k
            k += 1
        self.storage = storage
        self.tariff = tariff
        self.subunit = subunit
        self.vif_at = at
        at = self._value_information(buf, at, last)
        if at < 0:
            return self._stop(-at)
        return self._data(dif & 0x0F, buf, at, last)

    def _stop(self, error):
        self.error = error
        return False

    def _value_information(self, buf, at, last):
        # The VIF and all that belongs to it; where the data begin, or an error as minus.
        global _extension, _combination
        if at >= last:
            return -TRUNCATED
        vif = buf[at]
        at += 1
        self.kind = mbus_vif.UNKNOWN
        self.unit = unit.NONE
        self.scale = self.modifier = self.detail = self.fault = self.name_n = 0
        self.factor = 1
        self.unsigned = False
        k = 0
        if vif == 0xFD or vif == 0xFB:
            if at >= last:
                return -TRUNCATED
            table = vif
            vif = buf[at]
            at += 1
            k = 1
            if _extension is None:
                from converter.meters import mbus_vif_ext as _extension
            _extension.extended(self, table, vif & 0x7F)
        else:
            mbus_vif.primary(self, vif & 0x7F)
            if self.kind == mbus_vif.NAMED:
                # The name stands between the VIF and its VIFEs, last character first.
                if at >= last:
                    return -TRUNCATED
                self.name_at = at + 1
                self.name_n = buf[at]
                at += 1 + buf[at]
                if at > last:
                    return -LONG_TEXT
                self.detail = sum8(buf, self.name_at, at)  # tells one name from another
        named = self.name_n
        ours = self.kind != mbus_vif.MANUFACTURER
        while vif & 0x80:
            if at >= last:
                return -TRUNCATED
            if k >= _MOST:
                return -TOO_MANY_VIFE
            vif = buf[at]
            at += 1
            k += 1
            if not ours:
                if not named:
                    self.detail = vif
                    named = True  # by its first byte
                continue
            code = vif & 0x7F
            if _combination is None:
                from converter.meters import mbus_vife as _combination
            if code == _combination.MANUFACTURER:
                ours = False
                _combination.note(self, code)
            elif code == _combination.EXTENSION and vif & 0x80 and at < last:
                vif = buf[at]
                at += 1
                k += 1
                _combination.note(self, vif | 0x80)
            else:
                _combination.combine(self, code)
        return at

    def _data(self, field, buf, at, last):
        self.coding = _CODINGS[field]
        n = _LENGTHS[field]
        if field == 0x0C and self._quirks & WIDE_0C:
            n = 6
        elif field == 0x0D:
            if at >= last:
                return self._stop(TRUNCATED)
            n = self._variable_length(buf[at])
            at += 1
            if n < 0:
                return self._stop(RESERVED_LVAR)
        self.data_at = at
        self.data_n = n
        self.end = at + n
        if at + n > last:
            return self._stop(TRUNCATED)
        return True

    def _variable_length(self, code):
        # Bytes that follow an LVAR (table 5), -1 when it is reserved.
        if code < 0xC0:
            return code
        n = code & 0x0F
        if code < 0xE0:
            self.coding = BCD if code < 0xD0 else MINUS_BCD
            return n if n <= 9 else -1
        self.coding = INTEGER if n <= 8 and code < 0xF0 else BYTES
        if code < 0xF0:
            return n
        if n > 6:
            return -1
        return 4 * (n + 4) if n < 5 else 48 if n == 5 else 64

    def is_date(self):
        # Whether the data are one of the types of mbus_date.
        kind = self.kind
        if self.coding != INTEGER and not (self.coding == BCD and self._quirks & BCD_DATES):
            return False
        n = self.data_n
        if kind == mbus_vif.DATE:
            return n == 2
        if kind == mbus_vif.DATE_TIME:
            return n == 4 or n == 6 or n == 3
        return (kind == mbus_vif.DATE_OF or kind & 0xBF == _FD_DATES) and n in (2, 3, 4, 6)

    def order(self):
        # The bytes of the data from the most significant on.
        at = self.data_at
        n = self.data_n
        return range(at, at + n) if self.msb_first else range(at + n - 1, at - 1, -1)

    def read(self):
        # The value as a whole number, with `exponent`; None for what is no number, is a date, or
        # of which the meter says that it has none.
        self.exponent = self.scale
        coding = self.coding
        if self.fault or coding in (NOTHING, TEXT) or coding > MINUS_BCD:
            return None
        kind = self.kind
        if kind == mbus_vif.DATE or kind == mbus_vif.DATE_TIME or kind == mbus_vif.DATE_OF:
            return None
        if kind & 0xBF == _FD_DATES:
            return None
        if coding == INTEGER:
            value = mbus_value.integer(self._buf, self.order(), self.unsigned)
        elif coding == REAL:
            parts = mbus_value.real(self._buf, self.order())
            if parts is None:
                return None
            value = parts[0]
            self.exponent += parts[1]
        else:
            value = mbus_value.bcd(self._buf, self.order())
            if value is not None and coding == MINUS_BCD:
                value = -value
        return value if value is None or self.factor == 1 else value * self.factor
