"""The archive: which CJ/T 188 meters can be reached through the converter, on a durable record.

Until somebody changes it, the community's. Version 2: how many (1), then rows of type (1) and
address (7) as on the wire.
"""

from micropython import const

from converter.store.record import FOREIGN, Record

MOST = const(32)
_ROW = const(8)


class Archive:
    def __init__(self, keeper, owner, own):
        # own: rows of the community's meters.
        self._record = Record(keeper, "archive", ((2, 1 + MOST * _ROW),), owner)
        self.rows = own

    def load(self):
        # None, or the record's problem: then the community's meters stand.
        if self._record.load():
            payload = self._record.payload
            self.rows = bytes(payload[1 : 1 + payload[0] * _ROW])
        return self._record.problem

    @property
    def is_foreign(self):
        return self._record.problem == FOREIGN

    def take_over(self):
        # Another board's begins anew with the community's meters.
        self._record.take_over()
        self._commit(self.rows)

    def has(self, address):
        rows = self.rows
        for row in range(0, len(rows), _ROW):
            if rows[row + 1 : row + _ROW] == address:
                return True
        return False

    # Changes are durable when they return; OSError when the keeper could not: then nothing has
    # changed.

    def clear(self):
        self._commit(b"")

    def add(self, rows):
        # One whose address is known takes the new type. ValueError when they do not fit.
        self._commit(self._without(rows) + bytes(rows))

    def delete(self, rows):
        self._commit(self._without(rows))

    def _without(self, rows):
        gone = [bytes(rows[row + 1 : row + _ROW]) for row in range(0, len(rows), _ROW)]
        kept = b""
        for row in range(0, len(self.rows), _ROW):
            if self.rows[row + 1 : row + _ROW] not in gone:
                kept += self.rows[row : row + _ROW]
        return kept

    def _commit(self, rows):
        count = len(rows) // _ROW
        if count > MOST:
            raise ValueError
        payload = self._record.payload
        payload[0] = count
        payload[1 : 1 + len(rows)] = rows
        self._record.commit()
        self.rows = rows
