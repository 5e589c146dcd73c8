import unittest

from converter.link import mbus, mbus_select
from converter.link.mbus_search import OVER, READ, SELECT, Search


def _answer(secondary, ci=0x72):
    out = bytearray(40)
    if ci == 0x73:
        out[7:23] = secondary[:4] + bytes(12)
        n = mbus.close(out, 0x08, 1, ci, 16)
    else:
        out[7:19] = secondary + bytes(4)
        n = mbus.close(out, 0x08, 1, ci, 12)
    return bytes(out[:n])


class Bus:
    # Meters on a bus: what they do together when one of them, or several, are selected.
    def __init__(self, meters, stubborn=None):
        self.meters = [bytes.fromhex(m) for m in meters]
        self.stubborn = stubborn  # answers to REQ_UD2 although it was not selected
        self.probes = 0

    def run(self, search, e5_together=False, ci=0x72):
        out = bytearray(20)
        found = []
        chosen = []
        while True:
            what = search.step(out)
            if what == OVER:
                return found
            self.probes += 1
            if what == SELECT:
                mask = bytes(out[7:15])
                chosen = [m for m in self.meters if mbus_select.matches(mask, m)]
                if not chosen:
                    search.silent()
                elif len(chosen) == 1 or e5_together:
                    search.acknowledged()
                else:
                    search.collided()
            elif what == READ:
                if self.stubborn:
                    search.answered(_answer(bytes.fromhex(self.stubborn), ci))
                elif len(chosen) == 1:
                    search.answered(_answer(chosen[0], ci))
                else:
                    search.collided()
                if search.found:
                    found.append(bytes(search.found))


class Searching(unittest.TestCase):
    METERS = (
        "7856341224400107",
        "7956341224400107",  # differs in the last digit of the ID
        "7856349224400104",  # in the first
        "0000000011110304",
        "9999999911110304",
    )

    def test_every_meter_is_found_once(self):
        for together in (False, True):
            bus = Bus(self.METERS)
            found = bus.run(Search(), together)
            self.assertEqual(sorted(found), sorted(bus.meters))

    def test_one_meter_takes_two_requests(self):
        bus = Bus(self.METERS[:1])
        self.assertEqual(len(bus.run(Search())), 1)
        self.assertEqual(bus.probes, 2)

    def test_empty_bus_takes_one(self):
        bus = Bus(())
        self.assertEqual(bus.run(Search()), [])
        self.assertEqual(bus.probes, 1)

    def test_same_id_other_medium(self):
        bus = Bus(("7856341224400107", "7856341224400104"))
        search = Search()
        self.assertEqual(sorted(bus.run(search)), sorted(bus.meters))
        self.assertEqual(search.unresolved, 0)

    def test_twins_are_said_to_be_there(self):
        bus = Bus(("7856341224400107", "7856341224400107", "1111111124400107"))
        search = Search()
        self.assertEqual(bus.run(search), [bytes.fromhex("1111111124400107")])
        self.assertEqual(search.unresolved, 1)

    def test_a_meter_that_keeps_its_selection_ends_the_search(self):
        bus = Bus(self.METERS[:3], stubborn="1122334411110304")
        search = Search()
        found = bus.run(search)
        self.assertTrue(search.unresolved > 0)
        self.assertEqual(found, [])
        self.assertTrue(bus.probes < 2000)

    def test_fixed_structure_names_only_the_id(self):
        found = Bus(self.METERS[:1]).run(Search(), ci=0x73)
        self.assertEqual(found, [bytes.fromhex("78563412FFFFFFFF")])

    def test_mode_2_is_turned(self):
        bus = Bus(("1234567840240107",))
        search = Search()
        out = bytearray(20)
        search.step(out)
        search.acknowledged()
        search.step(out)
        search.answered(_answer(bus.meters[0], 0x76))
        self.assertEqual(bytes(search.found), bytes.fromhex("7856341224400107"))
