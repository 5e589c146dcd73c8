import struct
import unittest
from binascii import crc32

from converter.model import events
from converter.model.alarms import CLOCK_LOST, LOW_SUPPLY
from converter.model.events import CAPACITY, GAP, STARTED, TASK_ENDED, Events
from converter.store.events import SIZE, KeptEvents
from converter.store.record import ABSENT, FOREIGN, NEWER, UNKNOWN, UNREADABLE, Record
from memory_keeper import MemoryKeeper

OURS, THEIRS = b"ours", b"them"
T = 825675630
OLD_RING = 16


def old_record(entries, starts, sequence=7):
    # As the first firmware wrote it, byte by byte. entries: (code, detail, uptime), oldest first.
    ring = bytearray(OLD_RING * 8)
    for k in range(len(entries)):
        code, detail, uptime_s = entries[k]
        struct.pack_into("<BBHI", ring, k % OLD_RING * 8, code, detail, k & 0xFFFF, uptime_s)
    payload = bytes(ring) + struct.pack("<I", len(entries)) + struct.pack("<I", starts)
    body = struct.pack("<BBHI", 1, 0, len(payload), sequence) + payload
    return body + struct.pack("<I", crc32(body) & 0xFFFFFFFF)


def kept_on(keeper, owner=OURS, upgraded=True):
    kept = KeptEvents(Events(), keeper, "events", owner)
    problem = kept.load()
    if upgraded:
        kept.upgrade()
    return kept, problem


class Ring(unittest.TestCase):
    def test_codes_stand_in_records(self):
        found = [getattr(events, n) for n in dir(events) if n.isupper() and n[0] != "_"]
        found.remove(CAPACITY)
        for code in found:
            self.assertTrue(0 < code < 256)
        self.assertEqual(len(set(found)), len(found))

    def test_newest_first(self):
        log = Events()
        self.assertIsNone(log.newest(0))
        self.assertFalse(log.dirty)
        for k in range(3 * CAPACITY + 5):
            log.add(TASK_ENDED, k, T + k, 7 * k, k)
            self.assertEqual(log.newest(0), (TASK_ENDED, k, k, T + k, 7 * k, k))
            kept = min(k + 1, CAPACITY)
            for back in (0, kept // 2, kept - 1):
                self.assertEqual(log.newest(back)[2], k - back)
            self.assertIsNone(log.newest(kept))
        self.assertIsNone(log.newest(-1))
        self.assertEqual(log.count, 3 * CAPACITY + 5)
        self.assertTrue(log.dirty)

    def test_the_sequence_wraps_and_the_ring_goes_on(self):
        log = Events()
        log.count = 0xFFFE
        for k in range(4):
            log.add(TASK_ENDED, k, T, 0, 0)
        self.assertEqual([log.newest(n)[2] for n in range(4)], [1, 0, 0xFFFF, 0xFFFE])
        self.assertEqual(log.count, 0x10002)

    def test_the_largest_values(self):
        log = Events()
        log.add(GAP, 0x1FF, 0xFFFFFFFF, 0xFFFFFFFF, 2**40 + 3)
        self.assertEqual(log.newest(0), (GAP, 0xFF, 0, 0xFFFFFFFF, 0xFFFFFFFF, 3))


class Kept(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()

    def test_comes_back(self):
        kept, problem = kept_on(self.keeper)
        self.assertEqual(problem, ABSENT)
        kept.starts = 3
        for k in range(CAPACITY + 9):
            kept.events.add(TASK_ENDED, k, T + k, k << 20, k)
        kept.alarms.judge(LOW_SUPPLY, True, T)
        self.assertTrue(kept.dirty)
        kept.commit(T + 99)
        self.assertFalse(kept.dirty)
        self.assertEqual(len(self.keeper.files["events"]), SIZE)
        again, problem = kept_on(self.keeper)
        self.assertIsNone(problem)
        self.assertFalse(again.dirty)
        self.assertEqual((again.starts, again.alive_s), (3, T + 99))
        self.assertEqual(again.events.count, CAPACITY + 9)
        for back in range(CAPACITY):
            self.assertEqual(again.events.newest(back), kept.events.newest(back))
        self.assertEqual(again.alarms.latched, 1 << LOW_SUPPLY)
        self.assertEqual(again.alarms.entry(LOW_SUPPLY), (1, T))
        self.assertEqual(again.alarms.entry(CLOCK_LOST), (0, 0))
        self.assertEqual(again.alarms.active, 0)

    def test_an_alarm_alone_is_worth_a_commit(self):
        kept, _ = kept_on(self.keeper)
        kept.commit(T)
        kept.alarms.judge(LOW_SUPPLY, True, T)
        self.assertTrue(kept.dirty)

    def test_a_commit_that_fails_leaves_all_to_be_kept(self):
        kept, _ = kept_on(self.keeper)
        kept.events.add(STARTED, 1, T, 0, 0)
        kept.commit(T)
        kept.events.add(TASK_ENDED, 2, T, 0, 0)
        self.keeper.fails = "before"
        with self.assertRaises(OSError):
            kept.commit(T + 1)
        self.assertTrue(kept.dirty)
        self.assertEqual(kept.alive_s, T)
        again, _ = kept_on(self.keeper)
        self.assertEqual(again.events.count, 1)
        self.keeper.fails = None
        kept.commit(T + 2)
        again, _ = kept_on(self.keeper)
        self.assertEqual(again.events.newest(0)[:2], (TASK_ENDED, 2))

    def test_what_is_not_ours_changes_nothing(self):
        kept, _ = kept_on(self.keeper)
        kept.events.add(STARTED, 1, T, 0, 0)
        kept.commit(T)
        whole = self.keeper.files["events"]
        newer = Record(self.keeper, "events", ((3, 10),), OURS)
        newer.commit()
        for found, owner, expected in (
            (whole, THEIRS, FOREIGN),
            (whole[:-1] + b"\0", OURS, UNREADABLE),
            (self.keeper.files["events"], OURS, NEWER),
        ):
            self.keeper.files["events"] = found
            again, problem = kept_on(self.keeper, owner)
            self.assertEqual(problem, expected)
            self.assertEqual((again.events.count, again.starts, again.alive_s), (0, 0, 0))
        self.keeper.silent = True
        _, problem = kept_on(self.keeper)
        self.assertEqual(problem, UNKNOWN)


class Versions(unittest.TestCase):
    def entries(self, n):
        return [(1 + k % 6, k % 7, 100 * k) for k in range(n)]

    def test_the_old_record_is_read(self):
        for n in (0, 1, 15, 16, 17, 40):
            entries = self.entries(n)
            keeper = MemoryKeeper({"events": old_record(entries, 5)})
            kept, problem = kept_on(keeper, upgraded=False)
            self.assertIsNone(problem)
            self.assertFalse(kept.dirty)
            self.assertEqual((kept.events.count, kept.starts, kept.alive_s), (n, 5, 0))
            for back in range(CAPACITY + 1):
                k = n - 1 - back
                expected = None
                if back < OLD_RING and k >= 0:
                    code, detail, uptime_s = entries[k]
                    expected = (code, detail, k & 0xFFFF, 0, 0, uptime_s)
                self.assertEqual(kept.events.newest(back), expected, (n, back))

    def test_a_trial_writes_what_the_firmware_before_wrote(self):
        for n in (0, 3, 16, 40):
            for more in (0, 1, 5, 16, 20, CAPACITY + 3):
                entries = self.entries(n)
                keeper = MemoryKeeper({"events": old_record(entries, 5)})
                kept, _ = kept_on(keeper, upgraded=False)
                kept.starts += 1
                for k in range(more):
                    kept.events.add(TASK_ENDED, k, T + k, 9, 1000 + k)
                    entries.append((TASK_ENDED, k, 1000 + k))
                kept.commit(T)
                self.assertEqual(keeper.files["events"], old_record(entries, 6, 8), (n, more))

    def test_a_trial_on_a_new_board_too(self):
        keeper = MemoryKeeper()
        kept, _ = kept_on(keeper, upgraded=False)
        kept.starts = 1
        kept.events.add(STARTED, 0, T, 0, 2)
        kept.commit(T)
        self.assertEqual(keeper.files["events"], old_record([(STARTED, 0, 2)], 1, 1))

    def test_upgraded_when_the_slot_is_confirmed(self):
        keeper = MemoryKeeper({"events": old_record(self.entries(20), 5)})
        kept, _ = kept_on(keeper, upgraded=False)
        kept.upgrade()
        self.assertTrue(kept.dirty)
        kept.events.add(GAP, 1, T, 17, T - 60)
        kept.commit(T)
        self.assertEqual(len(keeper.files["events"]), SIZE)
        again, problem = kept_on(keeper)
        self.assertIsNone(problem)
        self.assertFalse(again.dirty)
        self.assertEqual((again.events.count, again.starts, again.alive_s), (21, 5, T))
        self.assertEqual(again.events.newest(0), (GAP, 1, 20, T, 17, T - 60))
        self.assertEqual(again.events.newest(16), (5, 4, 4, 0, 0, 400))
        self.assertIsNone(again.events.newest(17))
        old = Record(keeper, "events", ((1, OLD_RING * 8 + 8),))
        self.assertFalse(old.load())
        self.assertEqual(old.problem, NEWER)

    def test_only_upgrade_changes_the_format(self):
        keeper = MemoryKeeper({"events": old_record(self.entries(20), 5)})
        for _ in range(3):
            kept, _ = kept_on(keeper, upgraded=False)
            kept.commit(T)
            self.assertEqual(keeper.files["events"][0], 1)
        kept.upgrade()
        kept.commit(T)
        for _ in range(3):  # and there is no way back
            kept, _ = kept_on(keeper, upgraded=False)
            kept.commit(T)
            self.assertEqual(keeper.files["events"][0], 2)
