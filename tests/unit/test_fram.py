import unittest

from chips import Fram, I2cBus, SpiBus
from converter.hal.fram_i2c import FramI2c
from converter.hal.fram_keeper import FramKeeper
from converter.hal.fram_spi import FramSpi

DIRECTORY = (("a", 40), ("b", 100))


def keeper(chip, directory=DIRECTORY, **more):
    return FramKeeper(FramI2c(I2cBus(chip)), len(chip.contents), directory, **more)


class Commits(unittest.TestCase):
    def setUp(self):
        self.chip = Fram()
        self.keeper = keeper(self.chip)

    def test_comes_back(self):
        self.assertIsNone(self.keeper.load("a"))
        for n in range(1, 101):
            self.keeper.commit("b", bytes((n,)) * n)
            self.assertEqual(keeper(self.chip).load("b"), bytes((n,)) * n)
        self.assertIsNone(keeper(self.chip).load("a"))

    def test_committed_without_a_load(self):
        for n in range(10):
            keeper(self.chip).commit("a", bytes((n, 1)))
        self.assertEqual(keeper(self.chip).load("a"), b"\x09\x01")

    def test_a_view_is_committed_as_bytes_are(self):
        self.keeper.commit("a", memoryview(bytearray(b"-hello-"))[1:6])
        self.assertEqual(self.keeper.load("a"), b"hello")

    def test_no_room(self):
        self.keeper.commit("a", b"held")
        before = bytes(self.chip.contents)
        for name, data in (("c", b"x"), ("a", b"x" * 41), ("a", b"")):
            with self.assertRaises(OSError) as seen:
                self.keeper.commit(name, data)
            self.assertEqual(seen.exception.args[0], 28)
        self.assertEqual(bytes(self.chip.contents), before)
        self.assertIsNone(self.keeper.load("c"))
        self.keeper.commit("a", b"x" * 40)

    def test_too_small_a_chip(self):
        with self.assertRaises(ValueError):
            keeper(Fram(8 + 2 * 48 + 2 * 108 - 1))
        keeper(Fram(8 + 2 * 48 + 2 * 108))

    def test_the_far_end(self):
        # What stands there stays where it is when the others grow, and they when it does.
        self.keeper.commit("b", b"near")
        far = (("p", 50), ("w", 30))
        for directory, more in ((DIRECTORY, far), (DIRECTORY + (("c", 60),), far + (("x", 9),))):
            kept = keeper(self.chip, directory, far=more)
            if more is far:
                kept.commit("p", b"far" * 9)
                kept.commit("w", b"farther")
            self.assertEqual(kept.load("b"), b"near")
            self.assertEqual(kept.load("p"), b"far" * 9)
            self.assertEqual(kept.load("w"), b"farther")
        size = 8 + 2 * 48 + 2 * 108 + 2 * 58
        keeper(Fram(size), far=(("p", 50),))
        with self.assertRaises(ValueError):
            keeper(Fram(size - 1), far=(("p", 50),))

    def test_the_sequence_wraps(self):
        for slots in (2, 3, 5):
            chip = Fram()
            kept = keeper(chip, (("a", 40),), slots=slots)
            self.assertIsNone(kept.load("a"))
            kept._rings["a"][4] = 0xFFF8  # as after so many commits
            for n in range(16):
                kept.commit("a", bytes((n, 7)))
                again = keeper(chip, (("a", 40),), slots=slots)
                self.assertEqual(again.load("a"), bytes((n, 7)))
            self.assertEqual(kept._rings["a"][4], 8)

    def test_every_bit_is_guarded(self):
        self.keeper.commit("a", b"older")
        before = bytes(self.chip.contents)
        self.keeper.commit("a", b"newer")
        after = bytes(self.chip.contents)
        changed = [i for i in range(len(after)) if after[i] != before[i]]
        for i in changed:
            for bit in range(8):
                self.chip.contents[i] = after[i] ^ 1 << bit
                self.assertEqual(keeper(self.chip).load("a"), b"older")
            self.chip.contents[i] = after[i]
        self.assertEqual(keeper(self.chip).load("a"), b"newer")


class Layouts(unittest.TestCase):
    def setUp(self):
        self.chip = Fram()
        kept = keeper(self.chip)
        self.assertTrue(kept.reformatted)
        kept.accept()
        self.assertFalse(kept.reformatted)
        kept.commit("a", b"in a")
        kept.commit("b", b"in b")

    def test_the_same(self):
        again = keeper(self.chip)
        self.assertFalse(again.reformatted)
        self.assertEqual(again.load("a"), b"in a")

    def test_what_moved_is_absent_and_what_stayed_is_not(self):
        for directory, a, b in (
            ((("a", 40), ("b", 100), ("c", 20)), b"in a", b"in b"),
            ((("a", 40),), b"in a", None),
            ((("a", 41), ("b", 100)), None, None),
            ((("a", 40), ("b", 99)), b"in a", None),
            ((("b", 100), ("a", 40)), None, None),
            ((("b", 40), ("a", 100)), None, None),
        ):
            other = keeper(self.chip, directory)
            self.assertTrue(other.reformatted)
            self.assertEqual(other.load("a"), a)
            self.assertEqual(other.load("b"), b)
        other = keeper(self.chip, slots=3)
        self.assertTrue(other.reformatted)
        self.assertIsNone(other.load("a"))

    def test_looking_changes_nothing(self):
        # A trial of another configuration that is taken back has lost nothing.
        other = keeper(self.chip, (("b", 100), ("a", 40)))
        other.load("a")
        self.assertTrue(other.reformatted)
        again = keeper(self.chip)
        self.assertFalse(again.reformatted)
        self.assertEqual(again.load("b"), b"in b")

    def test_a_torn_mark_is_another_layout(self):
        for at in range(8):
            for bit in range(8):
                self.chip.contents[at] ^= 1 << bit
                self.assertTrue(keeper(self.chip).reformatted)
                self.chip.contents[at] ^= 1 << bit


class Buses(unittest.TestCase):
    def spi(self, chip, directory=DIRECTORY):
        bus = SpiBus(chip)
        size = len(chip.contents) if chip else 1024
        return FramKeeper(FramSpi(bus, bus.select), size, directory)

    def io_error(self, operation, *arguments):
        with self.assertRaises(OSError) as seen:
            operation(*arguments)
        self.assertEqual(seen.exception.args[0], 5)

    def test_both_write_the_same(self):
        i2c, spi = Fram(), Fram()
        for kept in (keeper(i2c), self.spi(spi)):
            kept.accept()
            for n in range(5):
                kept.commit("b", bytes((n,)) * 97)
        self.assertEqual(i2c.contents, spi.contents)
        self.assertEqual(self.spi(i2c).load("b"), b"\4" * 97)

    def test_high_addresses(self):
        for make in (keeper, self.spi):
            chip = Fram(32768)
            kept = make(chip, (("low", 8000), ("high", 8000)))
            kept.commit("high", b"far up")
            self.assertEqual(bytes(chip.contents[16028:16034]), b"far up")

    def test_no_chip(self):
        absent = FramKeeper(FramI2c(I2cBus(Fram()), device=0x51), 1024, DIRECTORY)
        for kept in (absent, self.spi(None)):
            self.io_error(kept.load, "a")
            self.io_error(kept.commit, "a", b"x")
            self.io_error(kept.accept)
            self.io_error(lambda kept=kept: kept.reformatted)

    def test_a_chip_that_comes_back(self):
        # What stood in the ring before the fault is found again, not written over.
        chip = Fram()
        keeper(chip).commit("a", b"first")
        for fails in range(1, 40):
            chip.cut, chip.operations = None, 0
            kept = keeper(chip)
            kept.commit("a", b"held")
            chip.cut, chip.seed = chip.operations, 0
            self.io_error(kept.commit, "a", b"lost")
            self.io_error(kept.load, "a")
            self.io_error(kept.commit, "a", b"lost")
            chip.cut = None
            self.assertEqual(kept.load("a"), b"held")
            kept.commit("a", b"again%d" % fails)
            self.assertEqual(keeper(chip).load("a"), b"again%d" % fails)

    def test_a_commit_after_a_load_that_failed(self):
        # Where the newest stands is unknown then, and must be found before anything is written.
        for commits in (1, 2, 3):
            chip = Fram()
            for n in range(commits):
                keeper(chip).commit("a", bytes((n, 7)))
            kept = keeper(chip)
            chip.cut, chip.operations = 0, 1
            self.io_error(kept.load, "a")
            chip.cut, chip.operations = 6, 0
            self.io_error(kept.commit, "a", b"torn")
            chip.cut = None
            self.assertEqual(keeper(chip).load("a"), bytes((commits - 1, 7)))

    def test_write_protected(self):
        class Protected(Fram):
            def put(self, address, byte):
                pass

        chip = Protected()
        bus = SpiBus(chip)
        for fram in (FramI2c(I2cBus(chip)), FramSpi(bus, bus.select)):
            kept = FramKeeper(fram, 1024, DIRECTORY)
            self.io_error(kept.commit, "a", b"x")
            self.io_error(kept.accept)
