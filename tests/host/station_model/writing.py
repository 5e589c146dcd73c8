"""Writes with a password or at the open window (14H, 15H, 18H, 1BH)."""

from tests.host.station_model.values import (
    CONVERTER,
    DENIED,
    EVERYBODY,
    HEAT,
    LOCK_S,
    MOST_WRONG,
    NO_DATA,
    OTHER,
    WATER,
    Error,
    moment_of,
    number,
)


class Writing:
    def _permit(self, level, pa, password):
        if self.uptime_s < self.locked_until_s or pa > level or pa not in (2, 4):
            raise Error(DENIED)
        if self.passwords[pa] == password:
            self.wrong = 0
            self.was_locked = False
            return
        self.wrong += 1
        if self.wrong == MOST_WRONG:
            self.wrong = 0
            self.was_locked = True
            self.locked_until_s = self.uptime_s + LOCK_S
        raise Error(DENIED)

    def _need_window(self, word=DENIED):
        if self.uptime_s >= self.open_until_s:
            raise Error(word)

    def do_14(self, who, data, _):
        if data[:2] == b"\x00\xf0" and data[3:4] == b"\xe0":
            return self._valve(who, data)
        if not 12 <= len(data) <= 50:
            raise Error(OTHER)
        di0, di1, di2, di3 = data[:4]
        value = data[12:]
        found = {
            (4, 0, 1, 1): (self._set_clock, 4, False),
            (4, 0, 1, 2): (self._set_clock, 3, False),
            (4, 0, 1, 0x0C): (self._set_clock, 7, False),
            (4, 0, 4, 1): (self._set_address, 6, True),
            (4, 0, 0x0B, 1): (self._set_settlement, 2, False),
            (0xE0, None, 0x43, 0): (self._set_dial, 5, True),
            (0xE0, None, 0x11, 0): (self._clear_alarms, 2, False),
        }.get((di3, None if di3 == 0xE0 else di2, di1, di0))
        if di3 == 0xE0 and di2:
            if who != CONVERTER or di2 > HEAT:
                raise Error(NO_DATA)
            who = di2
        if found is None:
            raise Error(NO_DATA)
        do, n, is_windowed = found
        self._permit(4, data[4], data[5:8])
        if is_windowed:
            self._need_window()
        if len(value) != n:
            raise Error(OTHER)
        do(who, value)
        self.writes += 1
        return 0, b""

    def _valve(self, who, data):
        if len(data) != 13:
            raise Error(OTHER)
        self._permit(2, data[4], data[5:8])
        self._need_window()
        if data[2]:
            if who != CONVERTER or data[2] > HEAT:
                raise Error(NO_DATA)
            who = data[2]
        if who != HEAT or data[12] not in (0x55, 0x99):
            raise Error(OTHER)
        self.writes += 1
        return "job", 0x55 if data[12] == 0x55 else 0x99

    def _set_clock(self, _, value):
        now = self.now
        if len(value) < 7 and not now:
            raise Error(OTHER)
        time = value[:3] if len(value) != 4 else bytes.fromhex(f"{now:%S%M%H}")
        date = value[-3:] if len(value) != 3 else bytes.fromhex(f"{now:%d%m%y}")
        moment = moment_of(time, date)
        if moment is None:
            raise Error(OTHER)
        self.set(moment)

    def _checked_address(self, who, value):
        others = [a for i, a in enumerate(self.addresses) if i != who]
        return not (not number(value) or value == EVERYBODY or value in others)

    def _set_address(self, who, value):
        if not self._checked_address(who, value):
            raise Error(OTHER)

        def later():
            self.addresses[who] = value

        self.later = later

    def _set_settlement(self, _, value):
        hour, day = number(value[:1]), number(value[1:])
        if None in (hour, day) or hour > 23 or not 1 <= day <= 28:
            raise Error(OTHER)
        self.settlement = day, hour

    def _set_dial(self, who, value):
        digits = number(value[:4])
        if who != WATER or digits is None or value[4] not in (1, 2, 3):
            raise Error(OTHER)
        if 10 * digits >= 10**8:
            raise Error(OTHER)  # the dial has five digits before the point
        self.dial = 10 * digits

    def _clear_alarms(self, who, value):
        if who == HEAT or value != bytes(2):
            raise Error(OTHER)

    def do_15(self, who, data, address):
        if len(data) != 6 or address != b"\xaa" * 6:
            raise Error(None)
        self._need_window(None)
        if not self._checked_address(who, data):
            raise Error(None)
        self.addresses[who] = data
        self.writes += 1
        return 0, b""

    def do_18(self, who, data, _):
        if len(data) != 12:
            raise Error(OTHER)
        level = data[8]
        if data[1:4] != b"\x0c\x00\x04" or level not in (2, 4):
            raise Error(NO_DATA)
        self._permit(level, data[4], data[5:8])
        self.passwords[level] = data[9:]
        self.writes += 1
        return 0, data[8:]

    def do_1b(self, who, data, _):
        if len(data) != 12:
            raise Error(OTHER)
        if data[8:] != b"\xff" * 4:
            raise Error(NO_DATA)
        self._permit(4, data[0], data[1:4])
        self.writes += 1
        self.cleared = True
        return 0, b""
