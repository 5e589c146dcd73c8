"""Finding M-Bus meters by secondary address: a wildcard for every digit, fixed one by one where
more than one meter answers. Knows no time and no port: whoever has them says what was heard.
"""

from micropython import const

from converter.link import mbus, mbus_select

_DIGITS = const(8)  # of the ID, most significant first; behind them the medium, 00..0F

SELECT = const(1)  # send the request; E5, silence or a collision comes
READ = const(2)  # send the request; the telegram of one meter comes
OVER = const(0)


class Search:
    # step(out) -> what to send, then one of silent(), collided(), acknowledged() for a SELECT,
    # or silent(), collided(), answered(frame) for a READ.
    def __init__(self):
        self._mask = bytearray(mbus_select.ANYONE)
        self._pos = -1  # the digit being tried, -1 while all are wildcards
        self._read = False
        self._over = False
        self.length = 0  # of the request put into out
        self.found = None  # secondary address (8 bytes) just found, until the next step
        self.unresolved = 0  # collisions of meters that differ in nothing that is tried

    def step(self, out):
        self.found = None
        if self._over:
            return OVER
        if self._read:
            self.length = mbus.short(out, mbus.REQ_UD2 | mbus.FCB, mbus.SELECTED)
            return READ
        self.length = mbus_select.select(out, self._mask)
        return SELECT

    @property
    def mask(self):
        # What is being tried, for whoever shows the progress.
        return self._mask

    def acknowledged(self):
        # Exactly one E5: one meter, or some whose E5 fell together.
        self._read = True

    def answered(self, frame):
        # A sound telegram. Fixed structures name no manufacturer: their meter stays a wildcard.
        self._read = False
        found = bytearray(mbus_select.ANYONE)
        ci = frame[mbus.CI]
        if ci == 0x72 and len(frame) >= 21:
            found[:] = frame[mbus.DATA : mbus.DATA + 8]
        elif ci == 0x73 and len(frame) >= 25:
            found[:4] = frame[mbus.DATA : mbus.DATA + 4]
        elif ci == 0x76 and len(frame) >= 21:
            for i in range(4):
                found[i] = frame[mbus.DATA + 3 - i]
            found[4] = frame[mbus.DATA + 5]
            found[5] = frame[mbus.DATA + 4]
            found[6:] = frame[mbus.DATA + 6 : mbus.DATA + 8]
        else:
            found[:] = self._mask
        if not mbus_select.matches(self._mask, found):
            # A meter that did not let go of an older selection hides the one selected now.
            self.collided()
            return
        self.found = found
        self._next()

    def silent(self):
        # To a READ: the acknowledge was noise, or the meter's answer was lost. Looking closer
        # costs ten probes and loses nothing.
        if self._read:
            self.collided()
        else:
            self._next()

    def collided(self):
        # Bytes that are no frame, or more than the one E5.
        self._read = False
        if self._pos < _DIGITS:
            self._pos += 1
            self._put(0)
        else:
            self.unresolved += 1
            self._next()

    def _next(self):
        while self._pos >= 0:
            value = self._get() + 1
            if value <= (9 if self._pos < _DIGITS else 15):
                self._put(value)
                return
            self._put(-1)
            self._pos -= 1
        self._over = True

    def _get(self):
        if self._pos == _DIGITS:
            return self._mask[7]
        byte = self._mask[3 - self._pos // 2]
        return byte & 0x0F if self._pos & 1 else byte >> 4

    def _put(self, value):
        # -1: the wildcard again.
        if self._pos == _DIGITS:
            self._mask[7] = value & 0xFF
            return
        at = 3 - self._pos // 2
        if self._pos & 1:
            self._mask[at] = self._mask[at] & 0xF0 | value & 0x0F
        else:
            self._mask[at] = self._mask[at] & 0x0F | (value & 0x0F) << 4
