import unittest

from converter.link import dlt645
from converter.model import events
from converter.store.reports import KeptReports
from converter.store.told import Told
from converter.uplink.spontaneous import Spontaneous
from memory_keeper import MemoryKeeper

ADDRESS = b"\x01\x00\x00\x00\x00\x00"


class Unasked(unittest.TestCase):
    def setUp(self):
        self.log = events.Events()
        self.keeper = MemoryKeeper()
        self.now = 100
        self.start(7)

    def start(self, seed):
        self.kept = KeptReports(self.log, b"", self.keeper, b"ours")
        self.kept.load()
        self.kept.judge()
        self.reports = Told(self.kept)
        self.sender = Spontaneous(self.reports, ADDRESS, lambda: self.now, seed)

    def add(self, *codes):
        for code in codes:
            self.log.add(code, 1, 0, 0, 0)
        self.kept.judge()

    def sent(self):
        # (times sent before, waiting, event number), or None.
        out = bytearray(dlt645.MAX_FRAME)
        n = self.sender.frame(out)
        if not n:
            return None
        self.assertEqual(dlt645.frame_len(out, 0, n), n)
        self.assertEqual((bytes(out[1:7]), out[8]), (ADDRESS, 0x86))
        data = bytes((b - 0x33) & 0xFF for b in out[10 : n - 2])
        self.assertEqual(data[:4], b"\x01\x50\x00\xe0")
        return data[4], data[5], data[10]

    def wait(self, limit_s=4000):
        # (seconds, what came).
        for waited in range(limit_s):
            found = self.sent()
            if found:
                return waited, found
            self.now += 1
        return limit_s, None

    def test_oldest_first_each_until_it_is_acknowledged(self):
        self.assertIsNone(self.wait(100)[1])
        self.add(events.METER_SILENT, events.METER_BACK)
        _, found = self.wait(11)
        self.assertEqual(found, (0, 2, 0))
        last = 0
        for times in range(1, 14):
            waited, found = self.wait()
            self.assertEqual(found, (times % 10 + times // 10 * 16, 2, 0))
            self.assertTrue((waited >= 10 and waited >= last // 2) or waited >= 1800, waited)
            self.assertTrue(waited <= 3600)
            last = waited
        self.assertTrue(self.reports.acknowledge(0))
        self.assertEqual(self.wait(), (0, (0, 1, 1)))  # the next one at once
        self.assertTrue(self.reports.acknowledge(1))
        self.assertIsNone(self.wait()[1])

    def test_not_all_at_once_after_there_was_nobody(self):
        self.add(events.METER_SILENT)
        self.assertEqual(self.wait(11)[1], (0, 1, 0))
        self.assertEqual(self.wait()[1], (1, 1, 0))
        self.sender.down = True
        waited, found = self.wait()
        self.assertTrue(5 <= waited <= 10, waited)
        self.assertEqual(found[0], 1)
        begun = set()
        for seed in range(3, 60, 4):
            self.start(seed * 77777)
            begun.add(self.wait(11)[0])
        self.assertTrue(len(begun) > 2, begun)
        self.assertTrue(min(begun) >= 5 and max(begun) <= 10, begun)

    def test_never_twice_as_new(self):
        self.add(events.METER_SILENT)
        self.assertEqual(self.wait(11)[1][0], 0)
        self.start(9)  # the power was cut right after it had left
        self.assertEqual(self.wait(11)[1][0], 1)

    def test_what_cannot_be_kept_does_not_go_out(self):
        self.add(events.METER_SILENT)
        self.keeper.fails = "before"
        self.assertIsNone(self.wait(100)[1])
        self.keeper.fails = None
        self.assertEqual(self.wait(11)[1][0], 0)
