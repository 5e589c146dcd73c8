"""Who may change something: password levels, the lock after wrong ones, the programming window.

The time is handed in: uptime in seconds.
"""

from micropython import const

from converter.model import change, events
from converter.station.dlt645 import OTHER, UNAUTHORISED

BUTTON = const(0)
CONSOLE = const(1)

_SURE = const(2)  # looks: a disturbance opens nothing either


class Changing:
    """A service (station.dlt645) that changes something, as far as they are alike."""

    broadcast = False
    shift = 0x33

    def __init__(self, node):
        self._node = node


class Access:
    def __init__(self, most_wrong, lock_s, window_s, locked, record_event):
        # locked: it was when the power went, and is for the whole time again.
        self._window_s = window_s
        self._most_wrong = most_wrong
        self._lock_s = lock_s
        self._record_event = record_event
        self._wrong = 0  # in a row; also on the record, where that can be written
        self._locked_until_s = lock_s if locked else 0
        self._open_until_s = 0
        self._looks = _SURE  # at which it was pressed, in a row; one that hangs opens nothing

    def open(self, now_s, span_s, by):
        # The programming window, by the sealed button or the console behind the same seal.
        self._open_until_s = now_s + span_s
        self._record_event(events.WINDOW_OPENED, by, span_s)

    def is_open(self, now_s):
        return now_s < self._open_until_s

    def look(self, level, now_s):
        # To be called with the button's level about twice a second.
        if not level:
            self._looks = 0
        elif self._looks < _SURE:
            self._looks += 1
            if self._looks == _SURE:
                self.open(now_s, self._window_s, BUTTON)

    def unlocks(self, now_s):
        # Once, when a lock has ended.
        if not self._locked_until_s or now_s < self._locked_until_s:
            return False
        self._locked_until_s = 0
        return True

    def refusal(self, parameters, level, pa, password, now_s):
        # 0, or the error word: pa and password do not allow what needs this level. parameters:
        # as store.parameters, just loaded.
        if parameters.lost:
            return OTHER
        if now_s < self._locked_until_s or pa > level:
            return UNAUTHORISED
        if pa not in (change.CLEARING, change.WRITING):
            return UNAUTHORISED
        kept, locked, total = parameters.guard
        wrong = max(self._wrong, kept)
        right = parameters.password(pa) == password
        if right and not wrong and not locked:
            return 0
        wrong = 0 if right else wrong + 1
        locked = wrong >= self._most_wrong
        if locked:
            wrong = 0
            self._locked_until_s = now_s + self._lock_s
        self._wrong = wrong
        try:
            parameters.set_guard(wrong, locked, total if right else total + 1)
        except OSError:
            pass  # counted here at least until the next start
        if locked:
            self._record_event(events.LOCKED, pa, total + 1)
        return 0 if right else UNAUTHORISED
