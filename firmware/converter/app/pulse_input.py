"""One pulse point: what is counted becomes total, registers and alarms."""

from micropython import const

from converter.model import alarms, events, gap, quantity, unit
from converter.model import point as status
from converter.store import presets

_UNKNOWN = const(0xFFFFFFFFFFFFFFFF)
_SURE = const(5)  # looks running before an input's fault is believed
_FLOW_DIGITS = const(3)  # the flow has so many decimals more than the dial


class PulseInput:
    def __init__(self, number, reader, kept, watch, max_per_h, point, guards, node):
        # guards: (alarm bit, input, level that is a fault) of tamper switch and cable loop.
        self.number = number
        self.kept = kept
        self.point = point
        self.max_per_h = max_per_h
        self.failing = False  # the last commit failed
        self.lost = False  # the record is unreadable: counting, but the total is unknown
        self.polled = hasattr(reader.sources[0], "sample")
        self._reader = reader
        self._watch = watch
        self._guards = guards
        self._looks = [0] * len(guards)
        self._node = node
        self._sequence = 0

    def open_gap(self, bound, since_s):
        # Nothing was counted before this moment: say so, with what may have been missed.
        kept = self.kept
        kept.gap = gap.add(kept.gap, bound)
        kept.dirty = True
        self._node.record_event(events.GAP, self.number, bound, since_s)
        if kept.levels is not None and kept.levels != self._reader.levels():
            self._node.record_event(events.LEVEL_CHANGED, self.number)

    def step(self, elapsed_ms):
        reader = self._reader
        reader.step()
        forward = reader.forward
        reverse = reader.reverse
        self._watch.count(forward, reverse, elapsed_ms)
        if forward or reverse:
            self.kept.add(forward, reverse, self._node.now_s())
            self.publish()

    def sample(self):
        for source in self._reader.sources:
            source.sample()

    def judge(self, elapsed_s):
        # Once a second: alarms and the registers that change without a pulse.
        reader = self._reader
        fault = self._source_fault()
        self._judge(alarms.MAGNET, reader.fault)
        if fault >= 0:
            self._judge(alarms.CABLE_CUT, fault == 1)
            self._judge(alarms.CABLE_SHORT, fault == 2)
        for i in range(len(self._guards)):
            bit, contact, wrong = self._guards[i]
            self._looks[i] = self._looks[i] + 1 if contact.level() == wrong else 0
            self._judge(bit, self._looks[i] >= _SURE)
        self._watch.judge(elapsed_s, self._node.time_s(), self.kept.alarms, self._raised)
        self.publish()

    def _source_fault(self):
        # Of a source that sees it by itself: 0 sound, 1 cut, 2 short; -1 for the others.
        source = self._reader.sources[0]
        return source.fault() if hasattr(source, "fault") else -1

    def _judge(self, bit, holds):
        if self.kept.alarms.judge(bit, holds, self._node.time_s()):
            self._raised(bit)

    def _raised(self, bit):
        self._node.record_event(events.ALARM, self.number, bit)

    def preset(self, index, reason):
        # The dial is at index (its own units). Durable when it returns; ValueError when the dial
        # has fewer digits, OSError when the keeper could not. What is written first is who did
        # it: a cut between the two leaves a preset told that did not happen, never the reverse.
        kept = self.kept
        node = self._node
        base = kept.total.base_for(index)
        if base is None:
            raise ValueError
        old = _UNKNOWN if self.lost else kept.total.index()
        node.presets.add(self.number, reason, node.time_s(), old, index)
        before = kept.total.base, kept.gap, kept.restored
        kept.total.base = base
        kept.gap = 0
        if reason != presets.CORRECTED:
            kept.restored = reason == presets.RESTORED
        if self.lost:
            kept.take_over()
        try:
            self.commit()
        except OSError:
            kept.total.base, kept.gap, kept.restored = before
            raise
        self.lost = False
        node.record_event(events.PRESET, self.number, node.presets.count - 1)
        self.publish()

    def commit(self):
        # OSError when the keeper could not.
        self.kept.commit(self._node.now_s(), self._node.time_s(), self._reader.levels())

    def publish(self):
        if self.lost:
            return
        point = self.point
        kept = self.kept
        total = kept.total
        now = self._node.now_s()
        exponent = total.exponent
        self._sequence += 1
        bits = status.GAP if kept.gap else 0
        if kept.restored:
            bits |= status.RESTORED
        if kept.alarms.active:
            bits |= status.ALARM
        point.status = bits
        put = point.publish
        put(quantity.VOLUME, total.index(), exponent, unit.M3, now)
        put(quantity.PULSES, total.net, 0, unit.NONE, now)
        put(quantity.FORWARD, total.units(total.forward), exponent, unit.M3, now)
        put(quantity.REVERSE, total.units(total.reverse), exponent, unit.M3, now)
        put(quantity.FLOW, self._watch.flow, exponent - _FLOW_DIGITS, unit.M3_PER_H, now)
        put(quantity.SEQUENCE, self._sequence, 0, unit.NONE, now)
        put(quantity.GENERATION, kept.generation, 0, unit.NONE, now)
        put(quantity.LOSS_BOUND, kept.loss_bound, 0, unit.NONE, now)
        missed = None if kept.gap == gap.UNKNOWN else kept.gap
        put(quantity.GAP, missed, 0, unit.NONE, now)
        put(quantity.ALARMS, kept.alarms.latched, 0, unit.NONE, now)
