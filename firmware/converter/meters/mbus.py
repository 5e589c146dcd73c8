"""M-Bus meters: how a profile's layout turns their telegrams into the quantities of a point."""

from micropython import const

from converter.meters import mbus_records, mbus_telegram
from converter.model import quantity, unit

# A layout has rows of these bytes. A record answers a row when all but the first agree.
ROW = const(10)
QUANTITY = const(0)  # of the point
KIND = const(1)  # meters.mbus_vif
UNIT = const(2)  # base unit, ANY_UNIT for whichever comes
FUNCTION = const(3)  # of the DIF, with OPTIONAL
STORAGE = const(4)  # low byte; the high one follows
TARIFF = const(6)
SUBUNIT = const(7)
MODIFIER = const(8)  # meters.mbus_vife, 0 for none
DETAIL = const(9)  # of the record: tells manufacturers' VIFEs apart, and names

OPTIONAL = const(0x80)  # a telegram may lack it: then it is unknown
ANY_UNIT = const(0xFF)

UNREADABLE = const(0)  # no telegram that we can read, or not all rows found in the last one
MORE = const(1)  # ask for the next telegram (FCB toggled)
WHOLE = const(2)

_dates = None  # loaded when a profile asks for one


class Answer:
    # All that one poll of a meter gave: begin(), then take() each telegram, then publish(). Where
    # a row is answered by several records, the first counts.
    def __init__(self, layout, quirks=0):
        n = len(layout) // ROW
        self._layout = layout
        self._records = mbus_records.Records(quirks)
        self._counters = None
        self._found = bytearray(n)
        self._values = [None] * n
        self._exponents = [0] * n
        self._units = bytearray(n)
        self._status = None  # of the headers, all bits that stood in one of them

    def begin(self):
        for i in range(len(self._found)):
            self._found[i] = 0
        self._status = None

    def take(self, frame):
        # A sound RSP_UD as a memoryview.
        what = mbus_telegram.begin(self._records, frame)
        records = self._records
        if what == mbus_telegram.FIXED:
            if self._counters is None:
                from converter.meters import mbus_fixed

                self._counters = mbus_fixed.Counters()
            records = self._counters
            records.start(frame)
        elif what != mbus_telegram.VARIABLE:
            return UNREADABLE
        said = mbus_telegram.status(frame)
        if said is not None:
            self._status = said | (self._status or 0)
        while records.next():
            row = self._row(records)
            if row >= 0:
                self._keep(row, records, frame)
        if records.error:
            self.begin()  # what was read before the fault may be as wrong
            return UNREADABLE
        if records.more:
            return MORE
        return WHOLE if self._is_whole() else UNREADABLE

    def _keep(self, row, records, frame):
        global _dates
        self._found[row] = 1
        self._units[row] = records.unit
        self._values[row] = records.read()
        self._exponents[row] = records.exponent
        if records.is_date():
            if _dates is None:
                from converter.meters import mbus_date as _dates
            self._exponents[row] = 0
            self._values[row] = _dates.number(
                frame, records.data_at, records.data_n, records.msb_first
            )

    def _row(self, r):
        # The row that the record answers and that has no answer yet, or -1.
        rows = self._layout
        for k in range(len(self._found)):
            at = k * ROW
            if (
                rows[at + KIND] == r.kind
                and not self._found[k]
                and rows[at + FUNCTION] & 3 == r.function
                and rows[at + STORAGE] | rows[at + STORAGE + 1] << 8 == r.storage
                and rows[at + TARIFF] == r.tariff
                and rows[at + SUBUNIT] == r.subunit
                and rows[at + MODIFIER] == r.modifier
                and rows[at + DETAIL] == r.detail
                and (rows[at + UNIT] == r.unit or rows[at + UNIT] == ANY_UNIT)
            ):
                return k
        return -1

    def _is_whole(self):
        for k in range(len(self._found)):
            if not self._found[k] and not self._layout[k * ROW + FUNCTION] & OPTIONAL:
                return False
        return True

    def publish(self, point, time_s):
        # All rows in one step; False, and the point untouched, when one is missing.
        if not self._is_whole():
            return False
        for k in range(len(self._found)):
            code = self._layout[k * ROW]
            if self._found[k]:
                point.publish(code, self._values[k], self._exponents[k], self._units[k], time_s)
            else:
                point.publish(code, None, 0, unit.NONE, time_s)
        point.publish(quantity.HEADER_STATUS, self._status, 0, unit.NONE, time_s)
        return True


def read_values(layout, frame, point, time_s):
    # One telegram and no more: as for the other links.
    answer = Answer(layout)
    return answer.take(frame) == WHOLE and answer.publish(point, time_s)
