import random
import unittest

from converter.model.direction import Quadrature, Sequence

LEVELS = (0, 1, 3, 2)  # of the quarters of a turn: A closes before B
MAGNET_LOOKS = 5


class Wheel:
    """The truth: quarters turned so far; a pulse is a full turn away from the last one."""

    def __init__(self, at=0):
        self.at = self.taken = at
        self.level_at = self.pulse_at = at
        self.forward = self.reverse = 0

    @property
    def level(self):
        return LEVELS[self.at % 4]

    def turn(self, quarters):
        way = 1 if quarters > 0 else -1
        for _ in range(abs(quarters)):
            self.at += way

    def take(self):
        quarters = self.at - self.taken
        self.taken = self.at
        while self.taken - self.pulse_at >= 4:
            self.pulse_at += 4
            self.forward += 1
        while self.pulse_at - self.taken >= 4:
            self.pulse_at -= 4
            self.reverse += 1
        return quarters


class Quarters(unittest.TestCase):
    def follow(self, wheel, moves, races=None):
        # forward, reverse, looks with a fault
        found = Quadrature(wheel.level)
        forward = reverse = faults = 0
        for i in range(len(moves)):
            wheel.turn(moves[i])
            quarters = wheel.take()
            if races:
                wheel.turn(races[i])
            found.step(quarters, wheel.level)
            forward += found.forward
            reverse += found.reverse
            faults += found.fault
        return forward, reverse, faults

    def test_ways_from_every_start(self):
        for at in range(4):
            self.assertEqual(self.follow(Wheel(at), [1] * 12), (3, 0, 0))
            self.assertEqual(self.follow(Wheel(at), [-1] * 12), (0, 3, 0))
            self.assertEqual(self.follow(Wheel(at), [1] * 8 + [-1] * 12), (2, 3, 0))

    def test_the_pulse_comes_with_the_fourth_quarter(self):
        for way in (1, -1):
            found = Quadrature(0)
            wheel = Wheel()
            for n in range(1, 9):
                wheel.turn(way)
                found.step(wheel.take(), wheel.level)
                one = int(n % 4 == 0)
                expected = (one, 0) if way > 0 else (0, one)
                self.assertEqual((found.forward, found.reverse), expected, n)

    def test_swings_at_every_edge_are_no_pulses(self):
        for at in range(4):
            for before in range(-8, 9):
                for swing in (1, 2, 3):
                    for way in (1, -1):
                        wheel = Wheel(at)
                        moves = [before] + [way * swing, -way * swing] * 20
                        forward, reverse, faults = self.follow(wheel, moves)
                        self.assertEqual(faults, 0)
                        self.assertEqual(forward - reverse, wheel.forward - wheel.reverse)
                        # At the edge of a pulse one may be given and taken back, once.
                        self.assertEqual(forward + reverse, wheel.forward + wheel.reverse)

    def test_a_swing_about_one_edge_after_a_pulse(self):
        self.assertEqual(self.follow(Wheel(), [4] + [-1, 1] * 50), (1, 0, 0))
        self.assertEqual(self.follow(Wheel(), [4] + [-3, 3] * 50), (1, 0, 0))
        self.assertEqual(self.follow(Wheel(), [4, -4, 4]), (2, 1, 0))

    def test_many_turns_in_one_look(self):
        self.assertEqual(self.follow(Wheel(1), [4001]), (1000, 0, 0))
        self.assertEqual(self.follow(Wheel(1), [4001, -8002]), (1000, 2000, 0))

    def test_illegal_jumps(self):
        # Whatever else happens, both contacts at once is seen, and is no step.
        for at in range(4):
            for turned in range(-5, 6):
                found = Quadrature(LEVELS[at])
                here = at + turned
                found.step(turned, LEVELS[here % 4])
                self.assertFalse(found.fault)
                found.step(0, LEVELS[(here + 2) % 4])
                self.assertTrue(found.fault)
                self.assertEqual((found.forward, found.reverse), (0, 0))
                found.step(0, LEVELS[(here + 2) % 4])
                found.step(1, LEVELS[(here + 3) % 4])
                self.assertTrue(found.fault)  # still shown

    def test_a_fault_is_shown_for_a_judgement_a_second(self):
        # Ten looks a second; one of any ten in a row must see it, and it ends.
        found = Quadrature(0)
        found.step(0, 3)
        shown = 0
        while found.fault and shown < 100:
            shown += 1
            found.step(0, 3)
        self.assertTrue(10 <= shown <= 20, shown)
        for _ in range(20):
            found.step(0, 3)
            self.assertFalse(found.fault)

    def test_one_step_between_take_and_level(self):
        for seed in range(60):
            random.seed(seed)
            wheel = Wheel(seed % 4)
            n = 200
            moves = [0] + [random.choice((0, 0, 1, -1, 3, -3, 9)) for _ in range(n)] + [0]
            races = [0] + [random.choice((0, 0, 1, -1)) for _ in range(n)] + [0]
            forward, reverse, faults = self.follow(wheel, moves, races)
            self.assertEqual(faults, 0, seed)
            self.assertEqual((forward, reverse), (wheel.forward, wheel.reverse), seed)

    def test_a_jump_in_a_race_is_seen_in_the_next_look(self):
        for race in (1, -1):
            found = Quadrature(0)
            found.step(0, 0)
            found.step(0, LEVELS[(2 + race) % 4])
            self.assertFalse(found.fault)
            found.step(race, LEVELS[(2 + race) % 4])
            self.assertTrue(found.fault)

    def test_a_step_before_the_first_look_hides_no_jump(self):
        # The source has begun to count before the level was read: one is taken twice.
        for way in (1, -1):
            found = Quadrature(LEVELS[way % 4])
            found.step(way, LEVELS[way % 4])
            found.step(0, LEVELS[way % 4])
            self.assertFalse(found.fault)
            found.step(0, LEVELS[(way + 2) % 4])
            self.assertTrue(found.fault)


class Reeds:
    """Two reeds in turn: edges of a turn are A closes, A opens, B closes, B opens."""

    def __init__(self):
        self.at = 0
        self.a = self.b = self.pulses = 0

    @property
    def level(self):
        return (0, 1, 0, 2)[self.at % 4]

    def turn(self, edges):
        for _ in range(edges):
            self.at += 1
            self.a += self.at % 4 == 1
            self.b += self.at % 4 == 3
        self.pulses = (self.at + 1) // 4

    def look(self, sequence):
        sequence.step(self.a, self.b, self.level)
        self.a = self.b = 0
        return sequence.forward


class InTurn(unittest.TestCase):
    def steps(self, *looks):
        found = Sequence(0)
        return [self.step(found, *look) for look in looks]

    def step(self, found, a, b, level):
        found.step(a, b, level)
        self.assertEqual(found.reverse, 0)
        return found.forward

    def test_a_then_b_is_one_pulse(self):
        turn = (1, 0, 1), (0, 0, 0), (0, 1, 2), (0, 0, 0)
        self.assertEqual(self.steps(*turn * 3), [0, 0, 1, 0] * 3)

    def test_started_between_the_two(self):
        found = Sequence(1)
        self.assertEqual(self.step(found, 0, 1, 2), 1)
        found = Sequence(0)
        self.assertEqual(self.step(found, 0, 1, 2), 0)
        self.assertEqual(self.step(found, 1, 1, 2), 1)

    def test_one_contact_that_swings_is_no_pulse(self):
        self.assertEqual(self.steps(*[(0, 3, 2)] * 5), [0] * 5)
        self.assertEqual(self.steps(*[(3, 0, 1)] * 5 + [(0, 1, 2)]), [0] * 5 + [1])
        self.assertEqual(self.steps((1, 0, 0), (0, 3, 2), (0, 3, 0), (0, 1, 2)), [0, 1, 0, 0])
        # A swings, and B comes in the same look.
        self.assertEqual(self.steps((3, 1, 2), (0, 2, 2), (0, 0, 0)), [1, 0, 0])

    def test_any_looks_at_a_wheel_that_turns(self):
        for seed in range(200):
            random.seed(seed)
            reeds = Reeds()
            found = Sequence(0)
            most = random.choice((1, 2, 3, 5, 9, 40))
            counted = 0
            for _ in range(100):
                reeds.turn(random.randint(0, most))
                counted += reeds.look(found)
                self.assertFalse(found.fault)
                self.assertTrue(abs(counted - reeds.pulses) <= 1, seed)
            self.assertEqual(counted, reeds.pulses, seed)

    def test_a_late_look_that_missed_b_and_a(self):
        # A was seen; then B, and A of the next turn, came and went before the late look.
        self.assertEqual(self.steps((1, 0, 1), (1, 1, 0), (0, 1, 2)), [0, 1, 1])

    def test_both_closed_is_a_magnet(self):
        found = Sequence(0)
        found.step(1, 1, 3)
        for n in range(1, 20):
            self.assertEqual(found.fault, n >= MAGNET_LOOKS, n)
            self.assertEqual(found.forward, 0)
            found.step(0, 0, 3)
        found.step(0, 0, 0)
        self.assertFalse(found.fault)
        self.assertEqual(found.forward, 0)

    def test_both_closed_for_a_moment_is_none(self):
        for _ in range(3):
            found = Sequence(0)
            for _ in range(MAGNET_LOOKS - 1):
                found.step(0, 0, 3)
                self.assertFalse(found.fault)
            found.step(0, 0, 1)

    def test_the_register_equals_the_dial_after_a_magnet(self):
        # A magnet that comes and goes anywhere in the turn while the wheel stands.
        for at in range(8):
            reeds = Reeds()
            found = Sequence(0)
            counted = 0
            for _ in range(at):
                reeds.turn(1)
                counted += reeds.look(found)
            found.step(reeds.level != 1, reeds.level != 2, 3)
            counted += found.forward
            for _ in range(10):
                found.step(0, 0, 3)
                counted += found.forward
            self.assertTrue(found.fault)
            for _ in range(8):
                counted += reeds.look(found)
                reeds.turn(1)
            counted += reeds.look(found)
            self.assertEqual(counted, reeds.pulses, at)
