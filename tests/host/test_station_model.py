"""The station of a shipped uplink, as the app builds it, against a plain model: who answers what,
whatever is asked, written, frozen and restarted before. Faults planted in it are seen."""

from converter.app import changes
from converter.station import read
from converter.station.access import Access
from converter.station.broadcast_time import Service as BroadcastTime
from converter.station.dlt645 import Station
from hypothesis import settings

from tests.host.planted import sees
from tests.host.station_model.machine import StationAsked

SETTINGS = settings(max_examples=80, stateful_step_count=50, deadline=None, derandomize=True)
StationAsked.TestCase.settings = SETTINGS
TestStation = StationAsked.TestCase


def test_the_model_sees_a_wrong_password_that_is_not_counted(monkeypatch):
    real = Access.refusal

    def forgiving(self, *args):
        self._wrong = 0
        args[0].set_guard(0, 0, 0)
        return real(self, *args)

    monkeypatch.setattr(Access, "refusal", forgiving)
    sees(StationAsked)


def test_the_model_sees_a_second_broadcast_time_on_one_day(monkeypatch):
    def eager(node, told_s):
        changes.Parameters(node.keeper, node.own)
        node.clock.set(told_s)

    monkeypatch.setattr(changes, "follow_broadcast", eager)
    sees(StationAsked)


def test_the_model_sees_a_broadcast_time_about_midnight(monkeypatch):
    def careless(self, told_s):
        now_s = self._node.time_s()
        return not now_s or abs(told_s - now_s) <= 300

    monkeypatch.setattr(BroadcastTime, "_is_believed", careless)
    sees(StationAsked)


def test_the_model_sees_a_point_that_answers_a_wildcard(monkeypatch):
    real = Station._addressed

    def helpful(self, frame):
        for who in (2, 1):
            if frame[6] == 0xAA and frame[1] != 0xAA and self._matches(who, frame, 2):
                return who
        return real(self, frame)

    monkeypatch.setattr(Station, "_addressed", helpful)
    sees(StationAsked)


def test_the_model_sees_a_block_that_a_freeze_has_moved(monkeypatch):
    real = read.Service._follow

    def careless(self, who, seq, out):
        if self._begun[who]:
            self._begun[who][6] = self.node.freezer.counted
        return real(self, who, seq, out)

    monkeypatch.setattr(read.Service, "_follow", careless)
    sees(StationAsked)
