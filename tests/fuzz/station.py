"""What is fuzzed behind the framer: the station of each shipped uplink, on a node that keeps what
is written, freezes, counts wrong passwords, loses its clock and its keeper, and starts again."""

from converter.link import dlt645
from converter.link.framer import Framer
from converter.model import events
from converter.station.dlt645 import JOB
from converter.store.parameters import Parameters
from sibiao.sim.uplink.dlt645_reading import made_frame

from tests.fuzz import requests645
from tests.host import shipped
from tests.unit.memory_keeper import MemoryKeeper

_STEP_S = 7
_START_EVERY, _NEW_EVERY, _WINDOW_EVERY = 97, 389, 53  # requests
_MOST_FOLLOWED = 12
_ERRORS = (1, 2, 4, 8)  # words of annex C that a converter says


class FuzzedStation:
    """One station and what must hold of it, whatever it is asked."""

    def __init__(self, uplink: str):
        self.uplink = uplink
        self.sealed = frozenset(
            requests645.sealed(uplink) if shipped.compiled(uplink).SEALED else ()
        )
        self.reached = set()  # control codes that were answered without an error
        self.answered = self.acted = 0
        self._turn = 0
        self._out = bytearray(256)
        self._begin()

    def _begin(self):
        # A new converter; its key, if it has one.
        self.keeper = MemoryKeeper()
        if self.sealed:
            kept = Parameters(self.keeper, b"ours")
            kept.load()
            kept.set_key(shipped.KEY)
        self._start()

    def _start(self):
        # Every third start has lost the clock.
        time_s = shipped.NOON_S + self._turn * _STEP_S if self._turn % 3 else 0
        self.home = shipped.ShippedHome(self.uplink, self.keeper, time_s)
        self.home.points[2].publish(2, 1234567, -2, 1, 0)  # the heat meter has been read
        for quantity in (3, 5, 6, 7):
            self.home.points[2].publish(quantity, 12345 * quantity, -2, quantity % 8, 0)

    def take(self, frame: bytes) -> None:
        self._pass_time()
        n = self._ask(frame)
        followed = 0
        while is_whole(bytes(self._out[:n])) and self._out[8] & 0x60 == 0x20:
            if followed == _MOST_FOLLOWED or self.sealed:
                break
            # More follows: it is asked for, and is an answer like any other.
            followed += 1
            address = bytes(self._out[6:0:-1]).hex()
            di = bytes((b - 0x33) & 0xFF for b in self._out[10:14])
            n = self._ask(made_frame(address, 0x12, di + bytes((followed,))))
            assert n, "what was promised does not follow"

    def _pass_time(self):
        self._turn += 1
        self.keeper.fails = None
        home = self.home
        home.uptime_s += _STEP_S
        if self._turn % _NEW_EVERY == 0:
            self._begin()
        elif self._turn % _START_EVERY == 0:
            self._start()
        elif self._turn % _WINDOW_EVERY == 0:
            home.access.open(home.now_s(), 200, 1)
            if self.sealed:  # the same key by the console: its counters begin anew
                home.change("set_key", (0, 0), shipped.KEY)
                home.station.rekey()
        home = self.home
        self.keeper.fails = {11: "before", 12: "after"}.get(self._turn % 61)
        home.freezer.look(home.time_s())
        if self._turn % 5 == 0:
            home.rest()

    def _ask(self, frame: bytes) -> int:
        home, out = self.home, self._out
        before = {bytes(point.address) for point in home.points}
        events_before = len(home.seen)
        request = bytearray(frame)
        # What was in the buffer before must never come out.
        out[:] = b"\x5a" * len(out)
        n = home.station.handle(memoryview(request), out)
        assert bytes(request) == frame, "the request was changed"
        if n == JOB:
            job = home.station.job
            assert job is not None and job[3] is not None
            # Silence, the request itself, or whatever came.
            heard = (None, bytes(job[3]), frame[10:-2], b"")[self._turn % 4]
            n = home.station.complete(job, heard, out)
        if n:
            self.answered += 1
            after = {bytes(point.address) for point in home.points}
            self.check(frame, bytes(out[:n]), before | after)
            home.answered()
        wrote = any(event[0] == events.WRITTEN for event in home.seen[events_before:])
        self.acted += wrote
        if self.sealed and wrote:
            assert frame in self.sealed, "a write that nobody had sealed"
        return n

    def check(self, frame: bytes, answer: bytes, addresses: set[bytes]) -> None:
        asked, control = frame[8], answer[8]
        assert is_whole(answer), answer.hex()
        assert not _to_everybody(frame) and not asked & 0x80
        assert control | 0x60 == asked | 0xE0, f"{asked:02X} answered by {control:02X}"
        address = bytes(answer[1:7])
        assert address in addresses
        if asked != 0x15:
            wanted = frame[1:7]
            while wanted and wanted[-1] == 0xAA:
                wanted = wanted[:-1]
            assert address.startswith(wanted), f"{wanted.hex()} answered by {address.hex()}"
        if self.sealed and answer[9] > 12 and frame[9] > 12:
            self.reached.add(control)
            return  # what is sealed is closed to us
        if control & 0x40:
            assert answer[9] == 1 and answer[10] - 0x33 in _ERRORS, answer.hex()
            return
        self.reached.add(control)
        if asked in (0x11, 0x12):
            assert answer[10:14] == frame[10:14], "another identifier than asked for"
            assert (0x5A + 0x33) & 0xFF not in answer[14:-2] or _is_text(frame)


def _is_text(frame: bytes) -> bool:
    # Z stands in no number; texts and blocks may hold anything.
    return frame[13] - 0x33 == 4 or 0x32 in frame[10:14]


class Uplink:
    """Requests into the station of each shipped uplink that has one of its own."""

    name = "dlt645"

    def __init__(self):
        self.framer = Framer(dlt645.frame_len, dlt645.MAX_FRAME + 16)
        names = shipped.different()
        self.stations = [FuzzedStation(name) for name in names if name != "collector"]
        made = {frame for name in names for frame in requests645.of_uplink(name)}
        made = made.union(*(station.sealed for station in self.stations))
        self.corpus = tuple(sorted(made))  # a seed is to give the same course again

    @property
    def answered(self) -> int:
        return sum(station.answered for station in self.stations)

    @property
    def acted(self) -> int:
        return sum(station.acted for station in self.stations)

    def take(self, frame: bytes) -> None:
        assert is_whole(frame) and frame[9] <= 200
        for station in self.stations:
            station.take(frame)


def is_whole(frame: bytes) -> bool:
    return (
        len(frame) > 11
        and len(frame) == 12 + frame[9] <= dlt645.MAX_FRAME
        and frame[0] == frame[7] == 0x68
        and sum(frame[:-2]) & 0xFF == frame[-2]
        and frame[-1] == 0x16
    )


def _to_everybody(frame: bytes) -> bool:
    return frame[1:7] == b"\x99" * 6
