"""What waits, told and acknowledged: loaded for a reader (app.seldom), or kept where the
converter speaks unasked. All that it remembers stands in store.reports.
"""

from converter.store.reports import BITS


class Told:
    def __init__(self, kept):
        # kept: KeptReports, loaded.
        self._kept = kept

    @property
    def lost(self):
        return self._kept.lost

    def tell(self, out, at):
        # The status word into out, a counter behind it for each bit that is set; the length.
        kept = self._kept
        counters = kept.counters
        end = at + BITS // 8
        for i in range(at, end):
            out[i] = 0
        for bit in range(BITS):
            count = kept.told[bit] = counters[bit]
            if count:
                out[at + (bit >> 3)] |= 1 << (bit & 7)
                out[end] = count
                end += 1
        return end - at

    def clear(self, keep, at):
        # The status word is acknowledged, where keep has a 0: what was told of that bit. Durable
        # when it returns; OSError when the keeper could not: then nothing has changed.
        kept = self._kept
        counters = kept.counters
        before = bytes(counters[:BITS])
        for bit in range(BITS):
            if not keep[at + (bit >> 3)] >> (bit & 7) & 1:
                counters[bit] -= kept.told[bit]
        if kept.dirty or counters[:BITS] != before:
            try:
                kept.commit()
            except OSError:
                counters[:BITS] = before
                raise
        for bit in range(BITS):
            if not keep[at + (bit >> 3)] >> (bit & 7) & 1:
                kept.told[bit] = 0

    @property
    def waiting(self):
        # Events that are durable and not acknowledged.
        kept = self._kept
        return kept.judged - kept.acknowledged

    def oldest(self):
        # (number, event) of the first that waits, or None. Blank ones are lost: they were cleared,
        # or come from a record that held fewer.
        kept = self._kept
        log = kept.log
        while kept.acknowledged < kept.judged:
            number = kept.acknowledged
            event = log.newest(log.count - 1 - number)
            if event:
                kept.shown = number
                return number, event
            kept.acknowledged += 1
            kept.lost += 1
            kept.dirty = True
        return None

    def acknowledge(self, number):
        # Whether it was the one that was read last; a repetition is right, too. Durable when it
        # returns; OSError as clear's.
        kept = self._kept
        if number < kept.acknowledged:
            return True
        if number != kept.acknowledged or number != kept.shown:
            return False
        kept.acknowledged += 1
        try:
            kept.commit()
        except OSError:
            kept.acknowledged -= 1
            raise
        return True

    def send(self, number):
        # Whether this one goes out unasked for the first time; then that is durable before.
        kept = self._kept
        if number < kept.sent:
            return False
        before, kept.sent = kept.sent, number + 1
        try:
            kept.commit()
        except OSError:
            kept.sent = before
            raise
        return True
