"""Reports that wait: what becomes durable when, and the EVENT pin."""

from converter.model import events
from converter.store.reports import KeptReports


class Reporter:
    def __init__(self, node, rows, keeper, owner, pins):
        # rows: as store.reports. pins: hal.module_pins, or None.
        self._node = node
        self._pins = pins
        self._tried_s = 0
        self._failing = False  # tried again and again, told once
        self.kept = KeptReports(node.kept_events.events, rows, keeper, owner)
        problem = self.kept.load()
        if problem:
            node.record_event(events.RECORD_LOST, problem)

    def due(self):
        # In the uplink's rest, after the events were committed.
        kept = self.kept
        node = self._node
        if not node.kept_events.dirty:
            kept.judge()
        now = node.now_s()
        if kept.dirty and now != self._tried_s:
            self._tried_s = now
            try:
                kept.commit()
                self._failing = False
            except OSError as error:
                if not self._failing:
                    self._failing = True
                    node.record_event(events.COMMIT_FAILED, error.errno or 0)
        if self._pins:
            self._pins.event(kept.pending)
