import unittest

from converter.model.events import STARTED, TASK_ENDED, Events
from converter.model.total import Total
from converter.store.events import KeptEvents
from converter.store.record import ABSENT
from converter.store.totals import KeptTotal


class Keeper:
    """A keeper in memory that can be told to fail, as a full file system does."""

    def __init__(self):
        self.files = {}
        self.full = False

    def load(self, name):
        return self.files.get(name)

    def commit(self, name, data):
        if self.full:
            raise OSError(28)
        self.files[name] = bytes(data)


def total():
    return Total(1, 1, -2, 7)


class Totals(unittest.TestCase):
    def kept(self, keeper, every_pulses=10, every_s=60):
        return KeptTotal(total(), keeper, "t", every_pulses, every_s)

    def test_policy(self):
        kept = self.kept(Keeper())
        self.assertEqual(kept.load(), ABSENT)
        self.assertFalse(kept.due(1000))
        kept.add(1, 1000)
        self.assertFalse(kept.due(1059))
        self.assertTrue(kept.due(1060))
        kept.add(9, 1000)
        self.assertFalse(kept.due(1000))  # not twice in a second
        self.assertTrue(kept.due(1001))
        kept.commit()
        self.assertFalse(kept.due(9999))

    def test_restart_gives_the_last_commit(self):
        keeper = Keeper()
        kept = self.kept(keeper)
        kept.load()
        kept.total.base = 123450
        kept.add(2**40 + 7, 0)
        kept.commit()
        kept.add(3, 0)
        again = self.kept(keeper)
        self.assertIsNone(again.load())
        self.assertEqual(again.total.pulses, 2**40 + 7)
        self.assertEqual(again.total.base, 123450)
        self.assertEqual(again.uncommitted, 0)

    def test_full_file_system_loses_nothing_counted(self):
        keeper = Keeper()
        kept = self.kept(keeper)
        kept.load()
        kept.add(5, 0)
        kept.commit()
        kept.add(5, 0)
        keeper.full = True
        try:
            kept.commit()
            self.fail("the keeper's error must be seen")
        except OSError:
            pass
        self.assertEqual(kept.total.pulses, 10)
        self.assertEqual(kept.uncommitted, 5)
        again = self.kept(keeper)
        again.load()
        self.assertEqual(again.total.pulses, 5)

    def test_index(self):
        t = Total(1, 3, -2, 4)
        t.base = 9990
        t.add(29)
        self.assertEqual(t.index(), 9999)
        t.add(1)
        self.assertEqual(t.index(), 0)  # rolls over as the dial does
        t = Total(3, 7, -3, 12)
        for _ in range(700):
            t.add(1)
        self.assertEqual(t.index(), 300)  # a fraction never drifts


class Log(unittest.TestCase):
    def test_ring(self):
        log = Events()
        self.assertIsNone(log.last())
        for k in range(40):
            log.add(TASK_ENDED, k, 100 + k)
        self.assertEqual(log.last(), (TASK_ENDED, 39, 39, 139))
        self.assertEqual(log.count, 40)

    def test_kept(self):
        keeper = Keeper()
        kept = KeptEvents(Events(), keeper, "events")
        self.assertEqual(kept.load(), ABSENT)
        kept.starts = 3
        kept.events.add(STARTED, 1, 0)
        self.assertTrue(kept.events.dirty)
        kept.commit()
        self.assertFalse(kept.events.dirty)
        again = KeptEvents(Events(), keeper, "events")
        self.assertIsNone(again.load())
        self.assertEqual(again.starts, 3)
        self.assertEqual(again.events.last(), (STARTED, 1, 0, 0))
        again.events.add(TASK_ENDED, 2, 5)
        self.assertEqual(again.events.count, 2)
