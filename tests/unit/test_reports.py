import unittest

import stations
from converter.codec import bcd
from converter.link import dlt645
from converter.model import events
from converter.model.events import CAPACITY, Events
from converter.model.point import MeteringPoint
from converter.station.dlt645 import EVERYONE, NOT_MINE
from converter.store.record import ABSENT, FOREIGN, UNREADABLE
from converter.store.reports import KeptReports
from memory_keeper import MemoryKeeper
from telegrams import hexa

OWNER = b"ours"
T = 825675630  # 2026-03-01 10:20:30
SILENT_BIT, LEAK_BIT, CLOCK_BIT = 81, 85, 14
ROWS = bytes(
    (events.METER_SILENT, 255, SILENT_BIT)
    + (events.ALARM, 1, LEAK_BIT)
    + (events.CLOCK_LOST, 255, CLOCK_BIT)
)
CONVERTER = b"\x01\x00\x00\x00\x00\x00"
# A published request (a test script for SGCC terminals): bits 14 and 18 are taken back, 0 is "do".
PUBLISHED = hexa("680433000000006814183648333735333333AB89674532F22E323232323232323232DD16")


class Kept(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        self.log = Events()
        self.kept, _ = self.loaded()

    def loaded(self):
        kept = KeptReports(self.log, ROWS, self.keeper, OWNER)
        return kept, kept.load()

    def add(self, *codes, value=0):
        for code in codes:
            self.log.add(code, 1, T, value, self.log.count)
        self.kept.judge()

    def word(self):
        out = bytearray(200)
        n = self.kept.tell(out, 3)
        bits = [i for i in range(96) if out[3 + i // 8] >> i % 8 & 1]
        counters = list(out[15 : 3 + n])
        self.assertEqual(len(bits), len(counters))
        return {bits[i]: counters[i] for i in range(len(bits))}

    def clear(self, *bits):
        keep = bytearray(b"\xff" * 12)
        for bit in bits:
            keep[bit // 8] &= ~(1 << bit % 8)
        self.kept.clear(keep, 0)

    def test_the_word_counts_what_is_reported(self):
        self.assertEqual(self.word(), {})
        self.assertFalse(self.kept.pending)
        self.add(events.METER_SILENT, events.METER_BACK, events.METER_SILENT)
        self.add(events.ALARM, value=1)
        self.add(events.ALARM, value=2)
        self.assertEqual(self.word(), {SILENT_BIT: 2, LEAK_BIT: 1})
        self.assertTrue(self.kept.pending)

    def test_only_what_was_told_is_taken_back(self):
        self.add(events.METER_SILENT, events.CLOCK_LOST)
        self.clear(SILENT_BIT, CLOCK_BIT)  # nobody has read it
        self.assertEqual(self.word(), {SILENT_BIT: 1, CLOCK_BIT: 1})
        self.add(events.METER_SILENT)
        self.clear(SILENT_BIT)
        self.assertEqual(self.word(), {SILENT_BIT: 1, CLOCK_BIT: 1})
        self.clear(SILENT_BIT)
        self.clear(SILENT_BIT)
        self.assertEqual(self.word(), {CLOCK_BIT: 1})
        self.assertTrue(self.kept.pending)
        self.clear(CLOCK_BIT)
        self.assertFalse(self.kept.pending)

    def test_a_full_counter_still_says_that_there_is_more(self):
        for _ in range(300):
            self.add(events.METER_SILENT)
        self.assertEqual(self.word(), {SILENT_BIT: 255})
        self.add(events.METER_SILENT)
        self.clear(SILENT_BIT)
        self.assertEqual(self.word(), {SILENT_BIT: 1})

    def test_events_go_out_oldest_first_each_once(self):
        self.add(events.STARTED, events.METER_SILENT, events.METER_BACK)
        self.assertEqual(self.kept.waiting, 3)
        self.assertFalse(self.kept.acknowledge(0))  # not read yet
        for number, code in ((0, events.STARTED), (1, events.METER_SILENT)):
            for _ in range(2):  # a reader that asks twice is told the same
                got = self.kept.oldest()
                self.assertEqual((got[0], got[1][0]), (number, code))
            self.assertFalse(self.kept.acknowledge(number + 1))
            self.assertTrue(self.kept.acknowledge(number))
            self.assertTrue(self.kept.acknowledge(number))  # its answer was lost
        self.assertEqual(self.kept.waiting, 1)
        self.kept, problem = self.loaded()
        self.assertIsNone(problem)
        self.kept.judge()
        self.assertEqual(self.kept.oldest()[0], 2)
        self.assertTrue(self.kept.acknowledge(2))
        self.assertIsNone(self.kept.oldest())

    def test_what_is_overwritten_is_counted(self):
        self.add(events.STARTED)
        for _ in range(CAPACITY):
            self.add(events.METER_BACK)
        self.assertEqual((self.kept.lost, self.kept.waiting), (1, CAPACITY))
        for _ in range(10):
            self.log.add(events.METER_BACK, 1, T, 0, 0)
        self.kept.judge()
        self.assertEqual((self.kept.lost, self.kept.oldest()[0]), (11, 11))
        self.kept.commit()
        again, _ = self.loaded()
        self.assertEqual((again.lost, again.waiting), (11, CAPACITY))

    def test_blank_entries_are_lost_not_stuck(self):
        self.add(events.STARTED, events.METER_BACK, events.METER_SILENT)
        self.log.ring[:32] = bytes(32)
        self.assertEqual((self.kept.oldest()[0], self.kept.lost), (2, 2))

    def test_the_past_of_a_converter_new_to_this_is_no_loss(self):
        for _ in range(100):
            self.log.add(events.METER_BACK, 1, T, 0, 0)
        self.kept, problem = self.loaded()
        self.assertEqual(problem, ABSENT)
        self.kept.judge()
        self.assertEqual((self.kept.lost, self.kept.oldest()[0]), (0, 100 - CAPACITY))

    def test_events_that_began_anew_are_told(self):
        self.add(*[events.METER_SILENT] * 9)
        self.kept.commit()
        self.log = Events()
        self.kept, problem = self.loaded()
        self.assertIsNone(problem)
        self.add(events.METER_SILENT)
        self.assertEqual(self.kept.oldest()[0], 0)
        self.assertEqual(self.word(), {SILENT_BIT: 10})

    def test_not_durable_is_not_acknowledged(self):
        self.add(events.METER_SILENT, events.METER_BACK)
        self.kept.commit()
        before = self.keeper.files["reports"]
        word = self.word()
        self.kept.oldest()
        self.keeper.fails = "before"
        for change in (
            lambda: self.clear(SILENT_BIT),
            lambda: self.kept.acknowledge(0),
            lambda: self.kept.send(0),
        ):
            with self.assertRaises(OSError):
                change()
        self.keeper.fails = None
        self.assertEqual(self.word(), word)
        self.assertEqual(self.kept.oldest()[0], 0)
        self.assertEqual(self.keeper.files["reports"], before)
        self.assertTrue(self.kept.send(0))
        again, _ = self.loaded()
        self.assertFalse(again.send(0))
        self.assertTrue(again.send(1))

    def test_nothing_to_change_costs_no_commit(self):
        self.add(events.METER_SILENT)
        self.kept.commit()
        self.keeper.fails = "before"
        self.clear(SILENT_BIT)  # not told yet
        self.kept.judge()
        self.add(events.METER_BACK)
        self.assertFalse(self.kept.dirty)

    def test_anothers_record_is_left_alone(self):
        self.add(events.METER_SILENT)
        self.kept.commit()
        stranger = KeptReports(self.log, ROWS, self.keeper, b"them")
        self.assertEqual(stranger.load(), FOREIGN)
        with self.assertRaises(OSError):
            stranger.commit()
        stranger.take_over()
        stranger.commit()
        self.keeper.files["reports"] = b"x" + self.keeper.files["reports"]
        self.assertEqual(self.loaded()[1], UNREADABLE)


class Service(unittest.TestCase):
    def setUp(self):
        self.log = Events()
        self.home = stations.Home([MeteringPoint(CONVERTER, b"", 0)])
        self.keeper = MemoryKeeper()
        self.home.reports = KeptReports(self.log, ROWS, self.keeper, OWNER)
        self.home.reports.load()
        self.build(False)

    def build(self, separated, level=0):
        services = (("report", (separated, level)), ("read", (b"", b"SB")))
        self.station = stations.build(self.home, 0, services)

    def add(self, code, time_s=T, value=0):
        self.log.add(code, 7, time_s, value, 12)
        self.home.reports.judge()

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
        self.assertTrue(self.home.reports.pending)

    def test_a_password_where_the_uplink_asks_for_one(self):
        reports = self.home.reports
        self.home = stations.WritableHome(self.home.points, self.keeper)
        self.home.reports = reports
        self.build(False, 4)
        self.add(events.METER_SILENT)
        self.read(self.EVENTS)
        self.read(self.STATUS)
        for di, data in ((self.EVENTS, bytes(5)), (self.RESET, bytes(12))):
            for pa in (b"\x04\0\0\1", b"\x05\0\0\0", bytes(4)):
                got = self.ask(0x14, di + pa + bytes(4) + data)
                self.assertEqual(got, (0xD4, b"\x04"))
                self.assertTrue(reports.pending)
                self.assertEqual(reports.waiting, 1 if di == self.EVENTS else 0)
            right = b"\x02\0\0\0" if di == self.EVENTS else b"\x04\0\0\0"
            self.assertEqual(self.ask(0x14, di + right + bytes(4) + data), (0x94, b""))
        self.assertEqual((reports.pending, reports.waiting), (False, 0))
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
