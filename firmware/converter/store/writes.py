"""Who changed what from outside: the last writes, with old and new value, on a record.

Entry, low byte first: what (1, model.change), point (1), level of the password (1, 0 where the
service knows none), 0 (1), operator code C0..C3 (4), time in seconds since 2000 or 0 (4), old
value (8), new value (8). Of passwords and keys, no value.
"""

from micropython import const

from converter.store.kept_list import KeptList

CAPACITY = const(8)

SIZE = const(244)  # bytes of the whole record


class Writes(KeptList):
    def __init__(self, keeper, owner):
        super().__init__(keeper, "writes", owner, "<BBBBIIQQ", CAPACITY)
