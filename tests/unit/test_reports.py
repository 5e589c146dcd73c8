import unittest

import stations
from converter.codec import bcd
from converter.link import dlt645
from converter.model import events
from converter.model.events import Events
from converter.model.point import MeteringPoint
from converter.station.dlt645 import EVERYONE, NOT_MINE
from converter.store.reports import KeptReports
from converter.store.told import Told
from memory_keeper import MemoryKeeper
from telegrams import hexa

OWNER = b"ours"
SILENT_BIT, LEAK_BIT, CLOCK_BIT = 81, 85, 14
T = 825675630  # 2026-03-01 10:20:30
ROWS = bytes(
    (events.METER_SILENT, 255, SILENT_BIT)
    + (events.ALARM, 1, LEAK_BIT)
    + (events.CLOCK_LOST, 255, CLOCK_BIT)
)
CONVERTER = b"\x01\x00\x00\x00\x00\x00"
# A published request (a test script for SGCC terminals): bits 14 and 18 are taken back, 0 is "do".
PUBLISHED = hexa("680433000000006814183648333735333333AB89674532F22E323232323232323232DD16")


class Service(unittest.TestCase):
    def setUp(self):
        self.log = Events()
        self.home = stations.Home([MeteringPoint(CONVERTER, b"", 0)])
        self.keeper = MemoryKeeper()
        self.kept = KeptReports(self.log, ROWS, self.keeper, OWNER)
        self.kept.load()
        self.home.reports = self.reports
        self.build(False)

    def reports(self):
        return Told(self.kept)

    def build(self, separated, level=0):
        services = (("report", (separated, level)), ("read", (b"", b"SB")))
        self.station = stations.build(self.home, 0, services)

    def add(self, code, time_s=T, value=0):
        self.log.add(code, 7, time_s, value, 12)
        self.kept.judge()

    def ask(self, control, data, address=CONVERTER):
        frame = bytearray(b"\x68") + address + b"\x68" + bytes((control, len(data)))
        frame += bytes((b + 0x33) & 0xFF for b in data)
        return self.told(bytes(frame) + bytes((sum(frame) & 0xFF, 0x16)))

    def told(self, frame):
        self.assertEqual(dlt645.frame_len(frame, 0, len(frame)), len(frame))
        out = bytearray(dlt645.MAX_FRAME)
        n = self.station.handle(frame, out)
        return (out[8], bytes((b - 0x33) & 0xFF for b in out[10 : n - 2])) if n else None

    def read(self, di):
        control, data = self.ask(0x11, di)
        self.assertEqual((control, data[:4]), (0x91, di))
        return data[4:]

    def write(self, di, data):
        return self.ask(0x14, di + bytes(8) + data)

    STATUS, RESET, EVENTS = b"\x01\x15\x00\x04", b"\x03\x15\x00\x04", b"\x00\x50\x00\xe0"

    def test_status_word(self):
        self.assertEqual(self.read(self.STATUS), bytes(12))
        self.add(events.CLOCK_LOST)
        for _ in range(3):
            self.add(events.METER_SILENT)
        word = b"\x00\x40" + bytes(8) + b"\x02\x00"
        self.assertEqual(self.read(self.STATUS), word + b"\x01\x03")
        self.build(True)
        self.assertEqual(self.read(self.STATUS), word + b"\xaa\x01\x03\xaa")
        # What the published request takes back, and nothing else.
        own = PUBLISHED[1:7]
        self.home.points[0].address = own
        self.assertEqual(self.told(PUBLISHED), (0x94, b""))
        control, data = self.ask(0x11, self.STATUS, own)
        self.assertEqual((control, data[4:]), (0x91, bytes(10) + b"\x02\x00\xaa\x03\xaa"))

    def test_events(self):
        self.assertEqual(self.read(self.EVENTS), bytes(5))
        self.add(events.METER_SILENT, value=4000000000)
        self.add(events.CLOCK_LOST, 0)
        data = self.read(self.EVENTS)
        first = hexa("0200000000000000000009000700302010010326")
        self.assertEqual(data, first + hexa("0000000040") + hexa("1200000000"))
        self.assertEqual(bcd.decode(data, 20, 5), 4000000000)
        self.assertEqual(self.write(self.EVENTS, hexa("0100000000")), (0xD4, b"\x02"))
        self.assertEqual(self.write(self.EVENTS, hexa("0000000000")), (0x94, b""))
        data = self.read(self.EVENTS)
        self.assertEqual(data[:14], hexa("0100000000010000000017000700"))
        self.assertEqual(data[14:20], b"\xff" * 6)  # nobody knew the time

    def test_refusals(self):
        self.add(events.METER_SILENT)
        self.read(self.EVENTS)
        self.assertEqual(self.write(self.RESET, bytes(11)), (0xD4, b"\x01"))
        self.assertEqual(self.write(self.EVENTS, bytes(4)), (0xD4, b"\x01"))
        self.assertEqual(self.write(self.EVENTS, b"\xff" * 5), (0xD4, b"\x01"))
        self.assertEqual(self.write(self.EVENTS, bytes(200 - 12)), (0xD4, b"\x01"))
        self.assertEqual(self.ask(0x11, self.STATUS + b"\x01"), (0xD1, b"\x01"))
        self.read(self.STATUS)
        self.keeper.fails = "before"
        self.assertEqual(self.write(self.EVENTS, bytes(5)), (0xD4, b"\x01"))
        self.assertEqual(self.write(self.RESET, bytes(12)), (0xD4, b"\x01"))
        self.assertTrue(self.kept.pending)

    def test_a_password_where_the_uplink_asks_for_one(self):
        self.home = stations.WritableHome(self.home.points, self.keeper)
        self.home.reports = self.reports
        self.build(False, 4)
        self.add(events.METER_SILENT)
        self.read(self.EVENTS)
        self.read(self.STATUS)
        for di, data in ((self.EVENTS, bytes(5)), (self.RESET, bytes(12))):
            for pa in (b"\x04\0\0\1", b"\x05\0\0\0", bytes(4)):
                got = self.ask(0x14, di + pa + bytes(4) + data)
                self.assertEqual(got, (0xD4, b"\x04"))
                self.assertTrue(self.kept.pending)
                self.assertEqual(self.reports().waiting, 1 if di == self.EVENTS else 0)
            right = b"\x02\0\0\0" if di == self.EVENTS else b"\x04\0\0\0"
            self.assertEqual(self.ask(0x14, di + right + bytes(4) + data), (0x94, b""))
        self.assertEqual((self.kept.pending, self.reports().waiting), (False, 0))
        # Reading is free, and what is no report is the next one's.
        self.assertEqual(self.read(self.STATUS), bytes(12))
        self.assertEqual(self.ask(0x14, b"\x01\x04\x00\x04" + bytes(14)), (0xD4, b"\x01"))

    def test_what_is_not_a_report_is_the_next_ones(self):
        self.assertEqual(self.ask(0x11, b"\x00\x00\x01\x00"), (0xD1, b"\x02"))  # `read` says so
        self.assertEqual(self.ask(0x14, b"\x01\x04\x00\x04" + bytes(14)), (0xD4, b"\x01"))
        self.assertEqual(self.ask(0x11, b"\x00"), (0xD1, b"\x01"))


class NextService(unittest.TestCase):
    class Declining:
        broadcast = False
        shift = 0x33

        def __init__(self, controls, answer):
            self.controls = controls
            self.answer = answer
            self.asked = []

        def handle(self, who, frame, out):
            self.asked.append(who)
            return self.answer

    def asked(self, address, control, *services):
        from converter.station.dlt645 import Station

        frame = bytearray(b"\x68") + address + b"\x68" + bytes((control, 0))
        frame += bytes((sum(frame) & 0xFF, 0x16))
        out = bytearray(dlt645.MAX_FRAME)
        n = Station([MeteringPoint(CONVERTER, b"", 0)], 0, services).handle(bytes(frame), out)
        return out[8] if n else 0, [service.asked for service in services]

    def test_in_turn_until_one_takes_it(self):
        made = self.Declining
        no, yes = NOT_MINE, 0
        self.assertEqual(self.asked(CONVERTER, 0x14, made(b"\x14", no)), (0xD4, [[0]]))
        got = self.asked(
            CONVERTER,
            0x14,
            made(b"\x14", no),
            made(b"\x11", yes),
            made(b"\x14", yes),
            made(b"\x14", yes),
        )
        self.assertEqual(got, (0x94, [[0], [], [0], []]))
        self.assertEqual(self.asked(CONVERTER, 0x08, made(b"\x08", no)), (0, [[0]]))

    def test_everyone_is_only_for_those_who_hear_it(self):
        deaf, hearing = self.Declining(b"\x16", 0), self.Declining(b"\x16", 0)
        hearing.broadcast = True
        got = self.asked(b"\x99" * 6, 0x16, deaf, hearing)
        self.assertEqual(got, (0, [[], [EVERYONE]]))
