"""What the node shows of itself: the LED, its own registers, the events kept, the trial's end."""

from micropython import const

from converter.hal import led, slots
from converter.model import events

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
            await self._led.play(self._pattern())

    def _judge_trial(self):
        node = self._node
        if node.supervisor.steady():
            slots.confirm(node.slot)
            node.trial = False
            node.record_event(events.SLOT_CONFIRMED, 0)
        elif node.now_s() > _TRIAL_S:
            ended = node.supervisor.ended
            node.record_event(events.TRIAL_FAILED, ended)
            slots.note_fault(
                "%s: not steady in its trial, tasks ended %d times" % (node.slot, ended)
            )
            node.restart()  # into the slot that was confirmed before

    def commit_due(self):
        # In the uplink's rest, though not twice in a second: a full file system would be tried
        # after every answer.
        node = self._node
        now = node.now_s()
        if node.kept_events.events.dirty and now != self._tried_s:
            self._tried_s = now
            node.publish_own()
            self.commit_events()

    def commit_events(self):
        try:
            self._node.kept_events.commit()
            self._fault = False
        except OSError as error:
            # An event about it could not be kept either; it waits in the ring, the LED says so.
            if not self._fault:
                self._fault = True
                self._node.record_event(events.COMMIT_FAILED, error.errno or 0)

    def _pattern(self):
        node = self._node
        if self._fault or node.supervisor.ended:
            return led.FAULT
        for bus in node.buses:
            if bus.silent:
                return led.METER_SILENT
        return led.BOUND if node.uplink.bound else led.RUNNING
