"""1F/9F, the collector's frames and the valve, with meters that answer as the test says."""

import unittest

from converter.link import cjt188, csg, dlt645
from converter.model.point import MeteringPoint
from converter.station import archive
from converter.station.collector import Collector
from converter.station.dlt645 import JOB, UNAUTHORISED
from requesting import request
from stations import Home, build
from test_csg import frame

_CONVERTER = b"\x01\x00\x00\x00\x00\x00"
_WATER = b"\x01\x03\x00\x00\x00\x00"
_METER = b"\x34\x12\x90\x78\x56\x34\x12"


def frame188(control, data, address=_METER, kind=0x10):
    body = bytes((0x68, kind)) + address + bytes((control, len(data))) + data
    return body + bytes((sum(body) & 0xFF, 0x16))


_READ = frame188(0x01, b"\x90\x1f\x21")
_SAYS = frame188(0x81, b"\x90\x1f\x21\x01\x02\x03")
_REFUSES = frame188(0xC1, b"\x21\x00\x04")


class Jobs:
    """Knows one CJ/T 188 meter and, for who = 0 or 1, one outside the standards."""

    def __call__(self, what, *args):
        return getattr(self, what)(*args)

    def manage(self, *asked):
        return archive.serve(None, None, *asked)

    def route(self, asked):
        return (0, (2400, 0)) if bytes(asked[2:9]) == _METER else None

    def transparent(self, who):
        return (1, (1200, None), 200) if who in (0, 1) else None

    def valve(self, point, to):
        return (0, (2400, 0), 0, to, point) if point == 1 else None


def home():
    made = Home([MeteringPoint(_CONVERTER, b"", 0), MeteringPoint(_WATER, b"", 0)])
    made.jobs = Jobs()
    return made


def raw1f(ext, data=b"", address=_CONVERTER):
    body = b"\x68" + address + b"\x68\x1f" + bytes((len(data) + 1, ext)) + data
    return body + bytes((sum(body) & 0xFF, 0x16))


class PassThrough(unittest.TestCase):
    def setUp(self):
        self.station = build(home(), 0, (("pass_through", (0,)),))
        self.out = bytearray(dlt645.MAX_FRAME)

    def asked(self, raw, heard=None):
        # (EXT, DATA) of the answer, or None; heard: of a job.
        view = memoryview(raw)
        n = self.station.handle(view, self.out)
        if n == JOB:
            self.job = self.station.job
            heard = heard and memoryview(heard)
            n = self.station.complete(self.job, heard, memoryview(self.out))
        else:
            self.job = None
        if not n:
            return None
        self.assertEqual(dlt645.frame_len(self.out, 0, n), n)
        self.assertEqual(bytes(self.out[:9]), b"\x68" + raw[1:7] + b"\x68\x9f")
        return self.out[10], bytes(self.out[11 : n - 2])

    def test_a_meters_frame(self):
        # With what else a line brings: our echo, another meter, bytes before and behind.
        other = frame188(0x81, b"\x90\x1f\x21\x01", b"\x35" + _METER[1:])
        late = frame188(0x81, b"\x90\x1f\x20\x01")
        for noise in (b"", b"\xfe\xfe", b"\x68\x00" + _READ + other + late):
            for says in (_SAYS, _REFUSES):
                self.assertEqual(self.asked(raw1f(8, _READ), noise + says + b"\x2a"), (8, says))
        self.assertEqual(self.job, (0, (2400, 0), 0, cjt188.PREAMBLE + _READ, None))

    def test_errors(self):
        for heard in (None, b"", _SAYS[:-1], _READ, frame188(0x81, b"\x90\x1f\x22\x01")):
            self.assertEqual(self.asked(raw1f(8, _READ), heard), (0xC8, b""))
            self.assertTrue(self.job is not None)
        unknown = frame188(0x01, b"\x90\x1f\x21", bytes(7))
        cut = _READ[:-1]
        for wrong in (b"", unknown, cut, _READ + b"\x00", b"\xfe" + _READ, _READ[:-2] + b"\0\x16"):
            self.assertEqual(self.asked(raw1f(8, wrong), _SAYS), (0xC8, b""))
            self.assertEqual(self.job, None)

    def test_other_protocols(self):
        for address in (_CONVERTER, _WATER):
            self.assertEqual(self.asked(raw1f(11, b"abc", address), b"answer"), (11, b"answer"))
        self.assertEqual(self.job, (1, (1200, None), 200, b"abc", None))
        self.assertEqual(self.asked(raw1f(11, b"abc"), bytes(199)), (11, bytes(199)))
        for heard in (None, b"", bytes(200)):
            self.assertEqual(self.asked(raw1f(11, b"abc"), heard), (0xCB, b""))
        self.assertEqual(self.asked(raw1f(11), b"answer"), (0xCB, b""))
        self.assertEqual(self.job, None)

    def test_others_use_of_1f(self):
        for ext in (0, 7, 0x0A, 0x34, 0xC8):
            self.assertEqual(self.asked(raw1f(ext, _READ)), None)
        self.assertEqual(self.asked(request(_CONVERTER, 0x1F)), None)
        self.assertEqual(self.asked(raw1f(8, _READ, b"\x99" * 6)), None)

    def test_archive_errors(self):
        self.assertEqual(self.asked(raw1f(9, b"\x00")), (0xC9, b""))


class Collected(unittest.TestCase):
    def setUp(self):
        self.home = home()
        station = build(self.home, 0, (("address", ()), ("pass_through", (0,))))
        self.collector = Collector(station, self.home, b"identity9")
        self.out = bytearray(csg.MAX_FRAME)

    def answered(self, raw, heard=None):
        n = self.collector.handle(memoryview(raw), memoryview(self.out))
        if n == JOB:
            heard = heard and memoryview(heard)
            job = self.collector.job
            n = self.collector.complete(job, heard, memoryview(self.out))
        return bytes(self.out[:n])

    def asked(self, afn, di, data=b"", heard=None):
        # (AFN, DI, data) or None, the same with addresses and without.
        both = []
        for addresses in (b"", bytes(range(12))):
            answer = self.answered(frame(0xC0, afn, di, data, addresses), heard)
            if answer:
                self.assertEqual(csg.frame_len(answer, 0, len(answer)), len(answer))
                at = csg.body(answer)
                di_ = int.from_bytes(answer[at + 2 : at + 6], "little")
                answer = answer[at], di_, answer[at + csg.DATA : -2]
            both.append(answer or None)
        self.assertEqual(both[0], both[1])
        return both[0]

    def test_management(self):
        self.assertEqual(self.asked(0x21, 0xEA062101), (0x21, 0xEA062101, b"\x01"))
        listed = (0x21, 0xEA032102, b"\x01" + _WATER)
        self.assertEqual(self.asked(0x21, 0xEA042102, b"\x00\x20"), listed)
        self.assertEqual(self.asked(0x21, 0xEA042102, b"\x01\x01"), (0x21, 0xEA032102, b"\x00"))
        self.assertEqual(self.asked(0x21, 0xEA062103), (0x21, 0xEA062103, _CONVERTER))
        for count in (1, 16):
            data = bytes((count,)) + bytes(6 * count)
            self.assertEqual(self.asked(0x21, 0xEA052104, data), (0x00, 0xEA010001, b"\0\0"))
        self.assertEqual(self.asked(0x21, 0xEA062105), (0x21, 0xEA062105, b"\0"))
        self.assertEqual(self.asked(0x23, 0xEA002301), (0x23, 0xEA002301, b"identity9"))

    def test_denied(self):
        length, di, form = b"\x02", b"\x04", b"\x05"
        wrong = (
            (0x21, 0xEA062101, b"\0", length),
            (0x21, 0xEA042102, b"", length),
            (0x21, 0xEA042102, b"\x20\x01", form),
            (0x21, 0xEA042102, b"\0\0", form),
            (0x21, 0xEA042102, b"\0\x21", form),
            (0x21, 0xEA052104, b"", form),
            (0x21, 0xEA052104, b"\x11" + bytes(102), form),
            (0x21, 0xEA052104, b"\x01", length),
            (0x21, 0xEA032102, b"", di),
            (0x22, 0xEA032201, b"", di),
            (0x22, 0xEA042201, b"", length),
            (0x22, 0xEA042201, b"\0\0", length),
            (0x22, 0xEA042201, b"\x02\0\x68", length),
            (0x22, 0xEA042201, b"\x02\0\x68\x16", form),
            (0x23, 0xEA002301, b"\0", length),
            (0x23, 0xEA002302, b"", di),
            (0x24, 0xEA062403, b"", di),
        )
        for afn, number, data, why in wrong:
            self.assertEqual(self.asked(afn, number, data), (0x00, 0xEA010002, why))

    def test_through_it(self):
        def passed(inner, heard=None):
            data = len(inner).to_bytes(2, "little") + inner
            answer = self.asked(0x22, 0xEA042201, data, heard)
            if answer is None:
                return None
            self.assertEqual(answer[:2], (0x22, 0xEA032201))
            self.assertEqual(int.from_bytes(answer[2][:2], "little"), len(answer[2]) - 2)
            return answer[2][2:]

        self.assertEqual(passed(_READ, b"\xfe" + _SAYS), _SAYS)
        self.assertEqual(passed(b"\xfe\xfe" + _READ, _REFUSES), _REFUSES)
        for heard in (None, _SAYS[:-1]):
            self.assertEqual(passed(_READ, heard), None)
        self.assertEqual(passed(frame188(0x01, b"\x90\x1f\x21", bytes(7)), _SAYS), None)
        who = request(b"\xaa" * 6, 0x13)
        self.assertEqual(passed(who), self.answered(who))
        self.assertEqual(passed(who)[8], 0x93)
        self.assertEqual(passed(request(_WATER, 0x93)), None)
        # A pass-through within a pass-through.
        self.assertEqual(passed(raw1f(8, _READ), _SAYS), self.answered(raw1f(8, _READ), _SAYS))
        self.assertEqual(passed(raw1f(8, _READ))[8:11], b"\x9f\x01\xc8")

    def test_whose_frames(self):
        ours = self.collector.is_ours
        self.assertTrue(ours(frame(0xC0, 0x21, 0xEA062101)))
        self.assertFalse(ours(frame(0x80, 0x00, 0xEA010001)))
        self.assertTrue(ours(request(_WATER, 0x11)))
        self.assertFalse(ours(request(b"\x77" * 6, 0x11)))
        # An answer of the module's is not answered.
        self.assertEqual(self.answered(frame(0x80, 0x23, 0xEA002301)), b"")
        self.collector.silent = True
        self.assertEqual(self.answered(frame(0xC0, 0x21, 0xEA062101)), b"")
        self.assertEqual(self.answered(request(b"\xaa" * 6, 0x13)), b"")


class Window:
    open = True

    def is_open(self, now_s):
        return self.open


class Valve(unittest.TestCase):
    def setUp(self):
        self.home = home()
        self.home.access = Window()
        self.home.refusal = self._refusal
        self.home.change = lambda *what: self.noted.append(what)
        self.noted = []
        self.station = build(self.home, 0, (("valve", ()),))
        self.out = bytearray(dlt645.MAX_FRAME)

    def _refusal(self, level, pa, password):
        return 0 if (level, pa, bytes(password)) == (2, 2, b"\x11\x22\x33") else UNAUTHORISED

    def asked(self, data, address=_CONVERTER, heard=b"x"):
        # (control, error word or nothing).
        n = self.station.handle(request(address, 0x14, data), self.out)
        self.job = None
        if n == JOB:
            self.job = self.station.job
            n = self.station.complete(self.job, heard, self.out)
        self.assertEqual(dlt645.frame_len(self.out, 0, n), n)
        return self.out[8], bytes((b - 0x33) & 0xFF for b in self.out[10 : n - 2])

    def written(self, point, to, password=b"\x02\x11\x22\x33"):
        return bytes((0x00, 0xF0, point, 0xE0)) + password + b"\x01\x02\x03\x04" + to

    def test_moved(self):
        for to, name in ((b"\x55", "open"), (b"\x99", "close")):
            self.assertEqual(self.asked(self.written(1, to)), (0x94, b""))
            self.assertEqual(self.job[3:], (name, 1))
            self.assertEqual(self.asked(self.written(0, to), _WATER), (0x94, b""))
            by = 2, 0x04030201
            self.assertEqual(self.noted[-2:], 2 * [("move_valve", by, 1, to[0])])

    def test_refused(self):
        good = self.written(1, b"\x55")
        self.assertEqual(self.asked(good, heard=None), (0xD4, b"\x01"))
        self.assertEqual(self.asked(self.written(1, b"\x56")), (0xD4, b"\x01"))
        self.assertEqual(self.asked(good + b"\0"), (0xD4, b"\x01"))
        self.assertEqual(self.asked(self.written(0, b"\x55")), (0xD4, b"\x01"))
        self.assertEqual(self.asked(self.written(2, b"\x55")), (0xD4, b"\x02"))
        self.assertEqual(self.asked(good, _WATER), (0xD4, b"\x02"))
        self.assertEqual(self.asked(self.written(1, b"\x55", bytes(4))), (0xD4, b"\x04"))
        self.home.access.open = False
        self.assertEqual(self.asked(good), (0xD4, b"\x04"))
        self.assertEqual(self.asked(b"\x01\xf0\x01\xe0" + good[4:]), (0xD4, b"\x01"))
        self.assertEqual(self.job, None)
        # Only the one that the meter did not answer was noted; what cannot be noted is not done.
        self.assertEqual(len(self.noted), 1)
        self.home.access.open = True
        self.home.change = self._fails
        self.assertEqual(self.asked(good), (0xD4, b"\x01"))
        self.assertEqual(self.job, None)

    def _fails(self, *what):
        raise OSError(28)
