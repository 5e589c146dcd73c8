import unittest

from converter.model import events
from converter.station.access import BUTTON, CONSOLE, Access
from converter.station.dlt645 import OTHER, UNAUTHORISED
from converter.store.parameters import Parameters
from memory_keeper import MemoryKeeper

OURS = b"ours"
MOST, LOCK_S, WINDOW_S = 3, 600, 300
P2, P4, WRONG = b"\x22\x22\x22", b"\x44\x44\x44", b"\x12\x34\x56"


class Bench(unittest.TestCase):
    def setUp(self):
        self.keeper = MemoryKeeper()
        parameters = self.parameters()
        parameters.set_password(2, P2)
        parameters.set_password(4, P4)
        self.seen = []
        self.start()

    def parameters(self):
        found = Parameters(self.keeper, OURS)
        found.load()
        return found

    def start(self):
        locked = self.parameters().guard[1]
        self.access = Access(
            MOST, LOCK_S, WINDOW_S, locked, lambda *event: self.seen.append(event)
        )

    def ask(self, level, pa, password, now_s=10):
        return self.access.refusal(self.parameters(), level, pa, password, now_s)


class Levels(Bench):
    def test_who_may_what(self):
        for level, pa, password, expected in (
            (4, 4, P4, 0),
            (4, 2, P2, 0),
            (2, 2, P2, 0),
            (2, 4, P4, UNAUTHORISED),
            (4, 4, P2, UNAUTHORISED),
            (4, 3, P4, UNAUTHORISED),
            (4, 0, b"\0\0\0", UNAUTHORISED),
            (4, 9, P4, UNAUTHORISED),
        ):
            self.assertEqual(self.ask(level, pa, password), expected, (level, pa))
            self.assertEqual(self.ask(4, 4, P4), 0)

    def test_a_level_that_is_none_is_no_guess(self):
        for _ in range(2 * MOST):
            self.assertEqual(self.ask(4, 0, WRONG), UNAUTHORISED)
            self.assertEqual(self.ask(2, 4, WRONG), UNAUTHORISED)
        self.assertEqual(self.ask(4, 4, P4), 0)

    def test_lost_parameters_allow_nothing(self):
        self.keeper.files["parameters"] = self.keeper.files["parameters"][:-1]
        for password in (P4, b"\0\0\0"):
            self.assertEqual(self.ask(4, 4, password), OTHER)


class Lock(Bench):
    def wrong(self, times, now_s=10):
        for _ in range(times):
            self.assertEqual(self.ask(4, 4, WRONG, now_s), UNAUTHORISED)

    def test_a_right_one_between_counts_anew(self):
        for _ in range(4):
            self.wrong(MOST - 1)
            self.assertEqual(self.ask(4, 4, P4), 0)
        self.assertEqual(self.parameters().guard, (0, 0, 4 * (MOST - 1)))
        self.assertEqual(self.seen, [])

    def test_locks_for_a_time(self):
        self.wrong(MOST, 10)
        self.assertEqual(self.seen, [(events.LOCKED, 4, MOST)])
        for now_s in (11, 10 + LOCK_S - 1):
            for pa, password in ((4, P4), (2, P2)):
                self.assertEqual(self.ask(4, pa, password, now_s), UNAUTHORISED)
            self.assertFalse(self.access.unlocks(now_s))
        self.assertTrue(self.access.unlocks(10 + LOCK_S))
        self.assertFalse(self.access.unlocks(10 + LOCK_S))
        self.assertEqual(self.ask(4, 4, P4, 10 + LOCK_S), 0)
        self.assertEqual(self.parameters().guard, (0, 0, MOST))

    def test_what_is_tried_while_locked_is_not_looked_at(self):
        self.wrong(MOST + 5, 10)
        self.assertEqual(self.parameters().guard, (0, 1, MOST))
        self.assertEqual(self.ask(4, 4, P4, 10 + LOCK_S), 0)

    def test_counted_over_a_restart(self):
        for _ in range(MOST):
            self.assertEqual(self.parameters().guard[1], 0)
            self.start()
            self.wrong(1, 1)
        self.assertEqual(self.parameters().guard[1], 1)

    def test_a_restart_while_locked_locks_for_the_whole_time(self):
        self.wrong(MOST, 500)
        for _ in range(3):
            self.start()
            self.assertEqual(self.ask(4, 4, P4, LOCK_S - 1), UNAUTHORISED)
        self.assertTrue(self.access.unlocks(LOCK_S))
        self.assertEqual(self.ask(4, 4, P4, LOCK_S), 0)
        self.start()
        self.assertEqual(self.ask(4, 4, P4, 1), 0)

    def test_counted_though_it_cannot_be_kept(self):
        self.keeper.fails = "before"
        self.wrong(MOST, 10)
        self.assertEqual(self.ask(4, 4, P4, 11), UNAUTHORISED)
        self.assertEqual(self.ask(4, 4, P4, 10 + LOCK_S), 0)


class Window(Bench):
    def test_console(self):
        self.assertFalse(self.access.is_open(0))
        self.access.open(100, 60, CONSOLE)
        self.assertEqual([self.access.is_open(t) for t in (100, 159, 160)], [True, True, False])
        self.access.open(200, 60, CONSOLE)
        self.access.open(201, 0, CONSOLE)  # closes it
        self.assertFalse(self.access.is_open(201))
        self.start()
        self.assertFalse(self.access.is_open(202))

    def test_button(self):
        for level in (0, 1, 0, 1, 0):  # a disturbance
            self.access.look(level, 9)
        self.assertEqual(self.seen, [])
        self.access.look(1, 9)
        self.access.look(1, 10)
        self.assertEqual(self.seen, [(events.WINDOW_OPENED, BUTTON, WINDOW_S)])
        self.assertTrue(self.access.is_open(10 + WINDOW_S - 1))
        # One that is held, or hangs, opens it once.
        for t in range(11, 1000):
            self.access.look(1, t)
        self.assertFalse(self.access.is_open(10 + WINDOW_S))
        self.access.look(0, 1000)
        self.access.look(1, 1000)
        self.access.look(1, 1001)
        self.assertTrue(self.access.is_open(1001))

    def test_a_button_that_hangs_at_the_start_opens_nothing(self):
        for t in range(10):
            self.access.look(1, t)
            self.assertFalse(self.access.is_open(t))
