"""Who set which dial to what: the last presets and corrections, old and new value, on a record.

Entry, low byte first: point (1), reason (1), 0 (2), time in seconds since 2000 or 0 (4), old index
(8), new index (8), in the units of the point's dial. Of a meter on a bus, which is only ever
exchanged, model.unit (1) and decimal exponent + 128 (1) stand in place of the 0.
"""

from micropython import const

from converter.store.kept_list import KeptList

# Reasons.
COMMISSIONED = const(1)  # the dial read when the converter was installed
CORRECTED = const(2)  # the dial read later, and found to differ
EXCHANGED = const(3)  # another meter
RESTORED = const(4)  # from the ledger, after the record was lost

CAPACITY = const(8)

SIZE = const(212)  # bytes of the whole record


class Presets(KeptList):
    def __init__(self, keeper, owner):
        super().__init__(keeper, "presets", owner, "<BBHIQQ", CAPACITY)

    def add(self, point, reason, time_s, old, new):
        # As KeptList.append. newest() gives (point, reason, 0, time_s, old, new).
        self.append(point, reason, 0, time_s, old, new)
