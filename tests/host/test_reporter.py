"""What the app does with reports in the uplink's rest: in which order things become durable."""

from converter.app.reporter import Reporter
from converter.model import events
from converter.store.events import KeptEvents
from converter.store.told import Told

from tests.unit.memory_keeper import MemoryKeeper

OWNER = b"ours"
BIT = 81
ROWS = bytes((events.METER_SILENT, 255, BIT))


class Pins:
    level = None

    def event(self, on):
        self.level = on


class Node:
    def __init__(self, keeper, files):
        self.now = 5
        self.kept_events = KeptEvents(events.Events(), keeper, "events", OWNER)
        self.kept_events.load()
        self.kept_events.upgrade()
        self.pins = Pins()
        self.reporter = Reporter(self, ROWS, files, OWNER, self.pins)
        self.told = Told(self.reporter.kept)

    def now_s(self):
        return self.now

    def record_event(self, code, detail, value=0):
        self.kept_events.events.add(code, detail, 0, value, self.now)

    def rest(self, commit=True):
        self.now += 1
        if commit:
            self.kept_events.commit(0)
        self.reporter.due()

    def codes(self):
        log = self.kept_events.events
        return [log.newest(back)[0] for back in range(log.count)]


def test_an_event_is_told_when_it_is_durable():
    node = Node(MemoryKeeper(), MemoryKeeper())
    node.rest()
    node.record_event(events.METER_SILENT, 2)
    node.rest(commit=False)
    # Else its number could be another's after a power cut.
    assert (node.told.waiting, node.told.oldest(), node.pins.level) == (0, None, False)
    node.rest()
    assert (node.told.waiting, node.told.oldest()[0], node.pins.level) == (1, 0, True)


def test_over_a_restart_and_after_the_acknowledgement():
    keeper, files = MemoryKeeper(), MemoryKeeper()
    node = Node(keeper, files)
    node.record_event(events.METER_SILENT, 2)
    node.rest()
    node = Node(keeper, files)
    node.rest()
    assert node.pins.level is True
    node.told.tell(bytearray(13), 0)
    node.told.clear(bytes(12), 0)
    node.rest()
    assert node.pins.level is False
    again = Node(keeper, files)
    again.rest()
    assert again.pins.level is False


def test_a_record_that_cannot_be_written_is_told_once_and_tried_again():
    keeper, files = MemoryKeeper(), MemoryKeeper()
    node = Node(keeper, files)
    files.fails = "before"
    node.record_event(events.METER_SILENT, 2)
    for _ in range(5):
        node.rest()
    assert node.codes() == [events.COMMIT_FAILED, events.METER_SILENT]
    assert node.pins.level is True
    files.fails = None
    node.rest()
    assert "reports" in files.files


def test_a_record_that_is_lost_is_an_event():
    files = MemoryKeeper({"reports": b"no record"})
    assert Node(MemoryKeeper(), files).codes() == [events.RECORD_LOST]
    assert Node(MemoryKeeper(), MemoryKeeper()).codes() == []
