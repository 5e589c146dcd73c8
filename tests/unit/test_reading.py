"""Blocks, follow-up frames, freezes, times and parameters of service 11H and 12H."""

from converter.model import calendar, quantity, unit
from converter.model.alarms import CLOCK_LOST
from converter.model.point import MeteringPoint
from reading_bench import _CONVERTER, _ENERGY, _HEAT, _NOW, _WATER, Reading
from requesting import wire


class Sources(Reading):
    def test_date_and_time(self):
        self.assertEqual(self.read(_WATER, "04000101"), 2)  # unknown: no data
        self.assertEqual(self.read(_WATER, "0400010C"), 2)
        self.set_clock(_NOW)
        self.assertEqual(self.digits(_WATER, "04000101"), "26123104")  # a Thursday
        self.assertEqual(self.digits(_CONVERTER, "04000102"), "235957")

    def test_texts_and_constants(self):
        self.assertEqual(self.read(_HEAT, "0400040B"), bytes(4) + b"OAIBIS")
        self.assertEqual(self.read(_HEAT, "0400040C"), 2)  # nobody has said
        self.assertEqual(self.digits(_HEAT, "04001202"), "60")
        self.assertEqual(self.digits(_HEAT, "04001203"), "4660")
        self.assertEqual(self.digits(_HEAT, "04000B01"), "2508")

    def test_status_words(self):
        self.assertEqual(self.read(_WATER, "04000501"), b"\0\0")
        self.home.kept_events.alarms.judge(CLOCK_LOST, True, 0)
        self.assertEqual(self.read(_WATER, "04000501"), b"\x04\0")
        self.assertEqual(self.read(_WATER, "040005FF"), b"\x04\0" + bytes(12))
        self.assertEqual(self.read(_WATER, "04000500"), 2)
        self.assertEqual(self.read(_WATER, "04000508"), 2)

    def test_the_time_of_a_value(self):
        self.assertEqual(self.read(_WATER, "E0000101"), 2)
        self.set_clock(_NOW)
        self.assertEqual(self.digits(_WATER, "E0000101"), "261231235947")
        self.assertEqual(self.digits(_CONVERTER, "E0010901"), "261231235952")
        self.assertEqual(self.digits(_CONVERTER, "E0020201"), "261231234957")
        self.heat.expire(1000)  # the value is forgotten, its time with it
        self.assertEqual(self.read(_CONVERTER, "E0020201"), 2)
        self.assertEqual(self.read(_WATER, "E0000102"), 2)
        self.assertEqual(self.read(_WATER, "E0004201"), 2)  # always now: it has no time

    def test_load_records_there_are_none(self):
        # L = 4, with their number, with their number and a time: the identifier alone comes back.
        for more in (b"", b"\x05", b"\x05\x00\x12\x01\x01\x26"):
            self.assertEqual(
                self.ask(_WATER, 0x11, wire("06010001") + more), (0x91, wire("06010001"))
            )
        self.assertEqual(self.ask(_WATER, 0x11, wire("06010001") + b"\x05\x00"), (0xD1, b"\x01"))
        self.assertEqual(self.ask(_WATER, 0x11, wire("00010000") + b"\x05"), (0xD1, b"\x01"))


class Freezes(Reading):
    def test_settlement_days(self):
        self.assertEqual(self.read(_WATER, "00010001"), 2)  # no clock
        self.set_clock(calendar.to_seconds(2026, 9, 25, 7, 59, 50))
        self.assertEqual(self.read(_WATER, "00010001"), 2)  # missed
        self.home.pass_to(calendar.to_seconds(2026, 9, 25, 9, 0, 0))
        self.water.publish(quantity.VOLUME, 123500, -2, unit.M3, 990)
        self.home.pass_to(calendar.to_seconds(2026, 11, 1, 0, 0, 0))
        self.assertEqual(self.digits(_WATER, "00010000"), "00123500")
        self.assertEqual(self.digits(_WATER, "00010001"), "00123500")
        self.assertEqual(self.digits(_WATER, "00010002"), "00123456")
        self.assertEqual(self.digits(_HEAT, "00010001"), "03638493")
        self.assertEqual(self.read(_WATER, "00010003"), 2)
        self.assertEqual(self.read(_WATER, "0001000D"), 2)
        self.assertEqual(self.read(_CONVERTER, "00010001"), 2)  # it has no index
        # Blocks: of tariffs the total alone; of settlement days all twelve behind the index.
        self.assertEqual(self.digits(_WATER, "0001FF00"), "00123500")
        self.assertEqual(self.digits(_WATER, "0001FF02"), "00123456")
        self.assertEqual(
            self.digits(_WATER, "000100FF"), "F" * 80 + "00123456" + "00123500" + "00123500"
        )
        self.assertEqual(self.read(_WATER, "0001FF03"), 2)
        self.assertEqual(self.read(_CONVERTER, "000100FF"), 2)

    def test_the_unit_is_the_one_it_was_frozen_in(self):
        self.set_clock(_NOW)
        self.home.pass_to(_NOW + 10)
        # Started anew, before the meter has been heard.
        self.heat = self.home.points[2] = MeteringPoint(_HEAT, bytes((_ENERGY,)), 60)
        self.assertEqual(self.read(_HEAT, "00010000"), 2)
        self.assertEqual(self.digits(_HEAT, "05040101"), "03638493")

    def test_of_an_unknown_value_only_the_time_is_told(self):
        self.set_clock(_NOW)
        self.water.publish(quantity.VOLUME, None, -2, unit.M3, 990)
        self.home.pass_to(_NOW + 10)
        self.assertEqual(self.digits(_WATER, "05040001"), "2701010000")
        self.assertEqual(self.read(_WATER, "05040101"), 2)
        self.assertEqual(self.digits(_WATER, "0504FF01"), "FFFFFFFF" + "2701010000")
        self.assertEqual(self.read(_WATER, "0504FF02"), 2)

    def test_instantaneous(self):
        self.assertFalse(self.home.freezer.freeze(1))  # no clock
        self.set_clock(_NOW)
        for n in range(4):
            self.home.uptime_s += 60
            self.water.publish(quantity.VOLUME, n, -2, unit.M3, 990)
            self.assertTrue(self.home.freezer.freeze(1))
            if n == 2:
                self.assertTrue(self.home.freezer.commit_all())
        self.assertEqual(self.digits(_WATER, "05010001"), "2701010003")
        self.assertEqual(
            [self.digits(_WATER, f"0501010{back}") for back in (1, 2, 3, 4)],
            ["00000003", "00000002", "00000001", 2],
        )
        self.assertEqual(self.digits(_WATER, "0501FF03"), "00000001" + "2701010001")

    def test_a_keeper_that_cannot_tell_is_an_error(self):
        self.set_clock(_NOW)
        self.home.keeper.silent = True
        self.assertEqual(self.read(_WATER, "05040101"), 1)
