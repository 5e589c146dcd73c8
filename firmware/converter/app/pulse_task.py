"""Pulse inputs: take what the sources counted, keep the totals, publish the registers."""

import asyncio

from micropython import const

from converter.model import events, quantity, unit

_TAKE_MS = const(100)


class PulseTask:
    def __init__(self, inputs, now_s, record_event):
        # inputs: list of (source, kept total, point).
        self._inputs = inputs
        self._now_s = now_s
        self._record_event = record_event

    def publish_all(self):
        for _, kept, point in self._inputs:
            self._publish(kept, point)

    async def run(self, beat):
        while True:
            beat()
            now = self._now_s()
            for source, kept, point in self._inputs:
                n = source.take()
                if n:
                    kept.add(n, now)
                    self._publish(kept, point)
            await asyncio.sleep_ms(_TAKE_MS)

    def commit_due(self):
        # In the uplink's rest.
        now = self._now_s()
        for _, kept, _ in self._inputs:
            if kept.due(now):
                self._commit(kept)

    def commit_all(self):
        # The last thing before a wanted reset.
        for source, kept, _ in self._inputs:
            kept.add(source.take(), self._now_s())
            if kept.uncommitted:
                self._commit(kept)

    def _commit(self, kept):
        try:
            kept.commit()
        except OSError as error:
            self._record_event(events.COMMIT_FAILED, error.errno or 0)
            kept.put_off(self._now_s())

    def _publish(self, kept, point):
        total = kept.total
        now = self._now_s()
        point.publish(quantity.VOLUME, total.index(), total.exponent, unit.M3, now)
        point.publish(quantity.PULSES, total.pulses, 0, unit.NONE, now)
