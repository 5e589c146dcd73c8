"""What the node shows of itself: the LED, its own registers, the events kept, the trial's end."""

from micropython import const

from converter.app import seldom
from converter.hal import led, slots
from converter.model import events, quantity, unit

_TRIAL_S = const(30)


class StatusTask:
    def __init__(self, node, led):
        self._node = node
        self._led = led
        self._fault = False
        self._tried_s = 0

    async def run(self, beat):
        node = self._node
        while True:
            beat()
            if node.trial:
                self._judge_trial()
            self.publish()
            await self._led.play(self._pattern())

    def _judge_trial(self):
        node = self._node
        if node.supervisor.steady():
            slots.confirm(node.slot)
            seldom.call("app.records", "confirmed", node)
        elif node.now_s() > _TRIAL_S:
            ended = node.supervisor.ended
            node.record_event(events.TRIAL_FAILED, ended)
            slots.note_fault(
                "%s: not steady in its trial, tasks ended %d times" % (node.slot, ended)
            )
            node.restart()  # into the slot that was confirmed before

    def publish(self):
        # The converter's registers about itself.
        node = self._node
        log = node.kept_events.events
        last = log.newest(0)
        put = node.points[0].publish
        for code, value in (
            (quantity.STARTS, node.kept_events.starts),
            (quantity.RESET_CAUSE, node.cause),
            (quantity.HUNG_TASK, node.hung),
            (quantity.EVENTS, log.count),
            (quantity.LAST_EVENT, last[0] * 1000 + last[1]),
            (quantity.COMMITS, node.keeper.commits),
            (quantity.SLOW_COMMITS, node.keeper.slow),
            (quantity.LONGEST_COMMIT, node.keeper.longest_ms),
            (quantity.ALARMS, node.kept_events.alarms.latched),
        ):
            put(code, value, 0, unit.NONE, node.now_s())

    def commit_due(self):
        # In the uplink's rest, though not twice in a second: a full file system would be tried
        # after every answer.
        node = self._node
        now = node.now_s()
        if node.kept_events.dirty and now != self._tried_s:
            self._tried_s = now
            self.publish()
            self.commit_events()

    def commit_events(self):
        node = self._node
        try:
            node.kept_events.commit(node.time_s())
            if node.new:
                node.new = False
                slots.grown()
            self._fault = False
        except OSError as error:
            # An event about it could not be kept either; it waits in the ring, the LED says so.
            if not self._fault:
                self._fault = True
                node.record_event(events.COMMIT_FAILED, error.errno or 0)

    def _pattern(self):
        node = self._node
        if self._fault or node.gone or node.supervisor.ended:
            return led.FAULT
        for each in node.pulses.inputs if node.pulses else ():
            if each.lost or each.failing:
                return led.FAULT
        for bus in node.buses:
            if bus.silent:
                return led.METER_SILENT
        return led.BOUND if node.uplink.bound else led.RUNNING
