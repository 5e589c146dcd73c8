"""Pulse inputs: take what the sources counted, keep the totals, publish the registers."""

import asyncio

from micropython import const

from converter.model import events, quantity, unit

_TAKE_MS = const(100)
_COMMIT_WAIT_MS = const(1500)


class PulseTask:
    def __init__(self, inputs, quiet, now_s, record_event):
        # inputs: list of (source, kept total, point). quiet(limit_ms): see uplink.serve.
        self._inputs = inputs
        self._quiet = quiet
        self._now_s = now_s
        self._record_event = record_event

    def publish_all(self):
        for _, kept, point in self._inputs:
            self._publish(kept, point)

    async def run(self, beat):
        while True:
            beat()
            due = False
            now = self._now_s()
            for source, kept, point in self._inputs:
                n = source.take()
                if n:
                    kept.add(n, now)
                    self._publish(kept, point)
                due = due or kept.due(now)
            if due:
                await self._quiet(_COMMIT_WAIT_MS)
                beat()
                for _, kept, _ in self._inputs:
                    if kept.uncommitted:
                        self.commit(kept)
            await asyncio.sleep_ms(_TAKE_MS)

    def commit(self, kept):
        try:
            kept.commit()
        except OSError as error:
            self._record_event(events.COMMIT_FAILED, error.errno or 0)
            kept.put_off(self._now_s())

    def commit_all(self):
        # The last thing before a wanted reset.
        for source, kept, _ in self._inputs:
            kept.add(source.take(), self._now_s())
            if kept.uncommitted:
                self.commit(kept)

    def _publish(self, kept, point):
        total = kept.total
        now = self._now_s()
        point.publish(quantity.VOLUME, total.index(), total.exponent, unit.M3, now)
        point.publish(quantity.PULSES, total.pulses, 0, unit.NONE, now)
