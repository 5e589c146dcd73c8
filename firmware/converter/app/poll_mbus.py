"""Polling M-Bus meters: reset or select where that is due, then REQ_UD2 for each telegram."""

from micropython import const

from converter.app.exchange import Exchange
from converter.link import master, mbus, mbus_select
from converter.link.framer import Framer
from converter.meters import mbus as layout

# A slave answers within 330 bit times and 50 ms; ours may be late to hear it.
_ANSWER_MS = const(150)
_ANSWER_BYTES = const(33)
_LONGEST_REQUEST = const(17)  # the selection
_CI_HEADER = const(0x72)


class _Meter:
    def __init__(self, address, secondary, rows, quirks, telegrams):
        self.address = address
        self.secondary = secondary  # 8 bytes as on the wire, None for a primary address
        self.answer = layout.Answer(rows, quirks)
        self.telegrams = telegrams  # that are asked for at most
        self.awake = False  # its FCB is known, and its next telegram is the first
        self.fcb = mbus.FCB


class Link(Exchange):
    def __init__(self, port, tries):
        self._ear = mbus.Ear()
        self._secondary = None
        framer = Framer(self._ear.frame_len, mbus.MAX_FRAME + 15)
        super().__init__(port, framer, self._accept, tries, _LONGEST_REQUEST + 2)

    def meter(self, *asked):
        return _Meter(*asked)

    async def ask(self, meter, beat, fresh):
        # fresh: the bus was without power since the meter was asked last.
        self._secondary = None
        out = self.out
        if meter.secondary:
            # Who was selected before may stay silent as well as acknowledge. Only this makes sure
            # of the FCB: some take it anew with each selection and some do not.
            await self._send(mbus_select.deselect(out), beat, 1)
            meter.fcb = mbus.FCB
            verdict = await self._send(mbus_select.select(out, meter.secondary), beat)
            if verdict != master.DONE:
                return verdict
            self._secondary = meter.secondary
        elif fresh or not meter.awake:
            await self._send(mbus.short(out, mbus.SND_NKE, meter.address), beat, 1)
            meter.fcb = mbus.FCB
        meter.awake = False
        meter.answer.begin()
        for _ in range(meter.telegrams):
            n = mbus.short(out, mbus.REQ_UD2 | meter.fcb, meter.address)
            verdict = await self._send(n, beat)
            if verdict != master.DONE:
                return verdict
            meter.fcb ^= mbus.FCB
            said = meter.answer.take(self.frame)
            if said != layout.MORE:
                meter.awake = said == layout.WHOLE
                break
        return master.DONE

    async def _send(self, n, beat, tries=0):
        self._ear.ack = mbus.expects_ack(self.out)
        answer_ms = _ANSWER_MS + _ANSWER_BYTES * self.port.byte_us // 1000
        return await self.exchange(0, n, answer_ms, beat, tries)

    def _accept(self, request, frame):
        verdict = mbus.accept(request, frame)
        if (
            self._secondary
            and frame[0] != mbus.ACK
            and verdict == mbus.SOUND
            and frame[mbus.CI] == _CI_HEADER
            and not mbus_select.matches(self._secondary, frame, mbus.DATA)
        ):
            return mbus.NOT_OURS
        return verdict

    def read(self, meter, point, now_s):
        return meter.answer.publish(point, now_s)
