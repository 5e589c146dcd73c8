"""Supply failing: commit what is counted at once, without waiting for the line's rest."""

from micropython import const

from converter.model import alarms, events

_LOOK_MS = const(2000)


class SupplyTask:
    def __init__(self, supply, node):
        self._supply = supply
        self._node = node

    async def run(self, beat):
        node = self._node
        while True:
            beat()
            fell = await self._supply.wait(_LOOK_MS)
            if fell:
                node.pulses.commit_all()  # first: there may be little time
            failing = self._supply.failing()
            if node.kept_events.alarms.judge(alarms.LOW_SUPPLY, fell or failing, node.time_s()):
                node.record_event(events.SUPPLY_FAILING, 0)
                node.status.commit_events()
