"""Every store, its power cut in every operation, on littlefs (MicroPython: VfsLfs2) and FRAM."""

import sys
import unittest

from chips import Fram, Nor, keeper_on_i2c, keeper_on_spi
from cut_counts import Asked, Freezes, Log, Totals
from cut_settings import Dials, Fetched, Listed, Settings
from cutting import Together, campaign, hard_life

if sys.implementation.name == "micropython":
    from vfs_flash import keeper_on_littlefs
else:
    from tests.host.cut_flash import keeper_on_littlefs


class OnLittlefs(unittest.TestCase):
    def test_totals(self):
        totals = Totals(44)
        whole = keeper_on_littlefs()
        totals.live(whole, {})
        self.assertTrue(whole.chip.erases >= 2)
        cuts = campaign(keeper_on_littlefs, totals.live, totals.check, torn=2)
        self.assertEqual(cuts, 3 * whole.chip.operations)

    def test_events(self):
        log = Log(16)
        campaign(keeper_on_littlefs, log.live, log.check, torn=2)

    def test_history(self):
        freezes = Freezes(6)
        campaign(keeper_on_littlefs, freezes.live, freezes.check, torn=2)

    def test_history_asked_for(self):
        asked = Asked(6)
        campaign(keeper_on_littlefs, asked.live, asked.check, torn=2)
        hard_life(keeper_on_littlefs, asked.live, asked.check, 40, 5)

    def test_presets(self):
        dials = Dials(16)
        campaign(keeper_on_littlefs, dials.live, dials.check, torn=2)

    def test_what_is_written_from_outside(self):
        written = Settings(14)
        campaign(keeper_on_littlefs, written.live, written.check, torn=2)
        hard_life(keeper_on_littlefs, written.live, written.check, 10, 3)

    def test_reports(self):
        fetched = Fetched(9)
        campaign(keeper_on_littlefs, fetched.live, fetched.check, torn=2)
        hard_life(keeper_on_littlefs, fetched.live, fetched.check, 40, 3)

    def test_archive(self):
        listed = Listed(9)
        campaign(keeper_on_littlefs, listed.live, listed.check, torn=2)
        hard_life(keeper_on_littlefs, listed.live, listed.check, 30, 4)

    def test_trials(self):
        # The old format, the moment of the change, and the new one.
        for store in (Totals(12, trial=True), Log(40, trial=True)):
            campaign(keeper_on_littlefs, store.live, store.check, torn=2)
            hard_life(keeper_on_littlefs, store.live, store.check, 30, 2)

    def test_all_of_them(self):
        every = Together(Totals(8), Log(4), Freezes(2), Dials(2), rounds=3)
        campaign(keeper_on_littlefs, every.live, every.check, torn=1, stride=3)

    def test_hard_lives(self):
        for store in (Totals(30), Log(16), Together(Totals(8), Log(4), Freezes(3), Dials(3))):
            hard_life(keeper_on_littlefs, store.live, store.check, 40, 1)

    def test_a_full_file_system_keeps_the_last_commit(self):
        stores = (Totals(2), Log(2), Freezes(2), Dials(1))
        every = Together(*stores)
        keeper = keeper_on_littlefs()
        known = {}
        every.live(keeper, known)
        # As full as it gets: until not even a short record finds room.
        for size in (3000, 600, 100):
            with self.assertRaises(OSError) as seen:
                for n in range(400):
                    keeper.commit(f"filler{size}_{n}", bytes(size))
            # littlefs calls it 36, name too long, where there is no room for a new name.
            self.assertTrue(seen.exception.args[0] in (28, 36))
        refused = 0
        for n in range(50):
            try:
                keeper.commit(f"more{n}", bytes(480))
            except OSError:
                refused += 1
        self.assertTrue(refused)
        for _ in range(25):
            for n, store in enumerate(stores):
                try:
                    store.live(keeper, known[n])
                except OSError as error:
                    self.assertEqual(error.args[0], 28)
                store.check(keeper, known[n])
        keeper.chip.sound()
        every.check(keeper_on_littlefs(keeper.chip.contents), known)


class OnFram(unittest.TestCase):
    def test_totals(self):
        # Each total twice, so that both slots of its ring are torn.
        totals = Totals(4)
        self.assertTrue(campaign(keeper_on_i2c, totals.live, totals.check) > 1000)
        campaign(keeper_on_spi, totals.live, totals.check, stride=31)

    def test_events(self):
        log = Log(6)
        campaign(keeper_on_i2c, log.live, log.check, stride=17)

    def test_trials(self):
        for store, stride in ((Totals(6, trial=True), 1), (Log(8, trial=True), 17)):
            campaign(keeper_on_i2c, store.live, store.check, stride=stride)

    def test_history(self):
        freezes = Freezes(4)
        campaign(keeper_on_i2c, freezes.live, freezes.check, stride=37)

    def test_presets(self):
        dials = Dials(4)
        campaign(keeper_on_i2c, dials.live, dials.check, stride=11)

    def test_what_is_written_from_outside(self):
        written = Settings(6)
        campaign(keeper_on_i2c, written.live, written.check, stride=13)
        hard_life(keeper_on_i2c, written.live, written.check, 10, 3)

    def test_hard_lives(self):
        for store in (Totals(20), Log(16), Together(Totals(8), Log(4), Freezes(3), Dials(3))):
            hard_life(keeper_on_i2c, store.live, store.check, 40, 1)


class InPlace:
    """A keeper that rewrites where it stands: what the campaign is there to find."""

    def __init__(self, contents=None, cut=None, seed=0):
        self.chip = Fram(1024, contents or bytes(1024), cut, seed)

    def _place(self, name):
        return {"total1": 0, "total2": 128, "events": 256}[name]

    def load(self, name):
        at = self._place(name)
        size = self.chip.contents[at] | self.chip.contents[at + 1] << 8
        return bytes(self.chip.contents[at + 2 : at + 2 + size]) or None

    def commit(self, name, data):
        at = self._place(name)
        self.chip.put(at, len(data) & 0xFF)
        self.chip.put(at + 1, len(data) >> 8)
        for i in range(len(data)):
            self.chip.put(at + 2 + i, data[i])
        if self.chip.dead:
            raise OSError(5)


class Forgetful(InPlace):
    """One that says that it has committed when it has not."""

    def commit(self, name, data):
        if data[4] % 4:
            super().commit(name, data)


class TheCampaign(unittest.TestCase):
    def test_finds_a_torn_record(self):
        for store in (Totals(4), Log(4)):
            known = {}
            whole = InPlace()
            store.live(whole, known)
            store.check(InPlace(whole.chip.contents), known)  # as long as the power is there
            with self.assertRaises(AssertionError):
                campaign(InPlace, store.live, store.check)

    def test_finds_a_lost_commit(self):
        totals = Totals(12)
        with self.assertRaises(AssertionError) as seen:
            campaign(Forgetful, totals.live, totals.check)
        self.assertTrue("total1" in str(seen.exception))

    def test_finds_what_nor_refuses(self):
        class Careless:
            # Writes one page and never erases.
            def __init__(self, contents=None, cut=None, seed=0):
                self.chip = Nor(1, contents, cut, seed)

            def load(self, name):
                return None

            def commit(self, name, data):
                try:
                    self.chip.program(0, bytes(data) + bytes(256 - len(data)))
                except AssertionError:
                    return  # as littlefs, which only ever hears of an error

        totals = Totals(2)
        with self.assertRaises(AssertionError) as seen:
            campaign(Careless, totals.live, totals.check)
        self.assertTrue("sets bits" in str(seen.exception))


class WhatNorRefuses(unittest.TestCase):
    def refused(self, words, operation, *arguments):
        with self.assertRaises(AssertionError) as seen:
            operation(*arguments)
        self.assertTrue(words in str(seen.exception), str(seen.exception))

    def test_rules(self):
        nor = Nor(2)
        page = bytes(range(256))
        self.assertTrue(nor.program(0x300, page))
        self.assertTrue(nor.program(0x300, page))  # clears nothing new
        self.refused("0x300: sets bits", nor.program, 0x300, b"\xff" * 256)
        self.refused("0x310", nor.program, 0x310, page)
        self.refused("0x400", nor.program, 0x400, page[:100])
        self.refused("0x2000", nor.program, 0x2000, page)
        self.refused("0x100", nor.erase, 0x100)
        self.refused("0x2000", nor.erase, 0x2000)
        with self.assertRaises(AssertionError) as seen:
            nor.sound()
        self.assertTrue("0x300" in str(seen.exception))  # the first one
        self.assertTrue(nor.erase(0))
        self.assertTrue(nor.program(0x300, b"\xff" * 256))
        self.assertEqual((nor.programs, nor.erases, nor.operations), (3, 1, 4))

    def test_a_torn_program_clears_only_what_it_was_to_clear(self):
        old, new = b"\x3c" * 256, b"\x0c" * 256
        halves = set()
        for seed in range(1, 40):
            nor = Nor(1, (old + b"\xff" * 3840), cut=0, seed=seed)
            self.assertFalse(nor.program(0, new))
            left = bytes(nor.contents[:256])
            self.assertEqual({byte & 0xCF for byte in left}, {0x0C})
            halves.add(left)
            self.assertFalse(nor.program(0, bytes(256)))
            self.assertEqual(bytes(nor.contents[:256]), left)  # no power, no change
        self.assertTrue(len(halves) > 30)

    def test_a_torn_erase_leaves_neither_old_nor_erased(self):
        seen = set()
        for seed in range(1, 20):
            nor = Nor(2, b"\x55" * 8192, cut=0, seed=seed)
            self.assertFalse(nor.erase(4096))
            self.assertEqual(bytes(nor.contents[:4096]), b"\x55" * 4096)
            left = bytes(nor.contents[4096:])
            self.assertNotEqual(left, b"\xff" * 4096)
            seen.add(left)
        self.assertTrue(len(seen) > 10)

    def test_seed_0_is_a_cut_before_the_operation(self):
        nor = Nor(1, b"\x55" * 4096, cut=0)
        self.assertFalse(nor.erase(0))
        self.assertEqual(bytes(nor.contents), b"\x55" * 4096)
