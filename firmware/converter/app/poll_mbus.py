"""Polling M-Bus meters: reset or select where that is due, then REQ_UD2 for each telegram; before
that another rate where the profile says so (app.mbus_baud).
"""

from micropython import const

from converter.app.exchange import Exchange
from converter.link import master, mbus, mbus_select
from converter.link.framer import Framer
from converter.meters import mbus as layout

# A slave answers within 330 bit times and 50 ms; ours may be late to hear it.
_ANSWER_MS = const(150)
_ANSWER_BYTES = const(33)
_LONGEST_REQUEST = const(23)  # the enhanced selection
_CI_HEADER = const(0x72)


class _Meter:
    def __init__(self, address, secondary, rows, quirks, telegrams, baud):
        # secondary: 8 bytes as on the wire, and 4 of the fabrication number where that tells
        # meters apart; None for a primary address. baud: to be switched to, 0 for none.
        self.address = address
        self.secondary = secondary
        self.baud = baud
        self.switched = None  # what app.mbus_baud knows of it
        self.answer = layout.Answer(rows, quirks)
        self.telegrams = telegrams  # that are asked for at most
        self.awake = False  # its FCB is known, and its next telegram is the first
        self.fcb = mbus.FCB


class Link(Exchange):
    SERVICES = "services_mbus"

    def __init__(self, port, tries):
        self._ear = mbus.Ear()
        self._secondary = None
        framer = Framer(self._ear.frame_len, mbus.MAX_FRAME + 15)
        super().__init__(port, framer, self._accept, tries, _LONGEST_REQUEST + 2)

    def meter(self, *asked):
        return _Meter(*asked)

    async def ask(self, meter, beat, fresh):
        # fresh: the bus was without power, or others spoke, since the meter was asked last.
        if meter.baud:
            from converter.app import mbus_baud

            return await mbus_baud.ask(self, meter, beat)
        if meter.secondary or fresh or not meter.awake:
            verdict = await self.reach(meter, beat)
            if meter.secondary and verdict != master.DONE:
                return verdict
        return await self.read_out(meter, beat)

    async def reach(self, meter, beat, tries=1):
        # So that the meter listens and its FCB is known. tries: of the reset, which a meter may
        # leave unanswered.
        out = self.out
        meter.awake = False
        meter.fcb = mbus.FCB
        if not meter.secondary:
            n = mbus.short(out, mbus.SND_NKE, meter.address)
            return await self._send(n, beat, tries)
        # Who was selected before may stay silent as well as acknowledge. Only this makes sure
        # of the FCB: some take it anew with each selection and some do not.
        await self._send(mbus_select.deselect(out), beat, 1)
        secondary = meter.secondary
        n = mbus_select.select(out, secondary[:8], secondary[8:] or None)
        return await self._send(n, beat)

    async def read_out(self, meter, beat):
        self._secondary = meter.secondary
        out = self.out
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

    async def serve(self, meter, request, beat):
        # A frame of services_mbus, which goes out with the FCB of a first request.
        home = self.port.line
        verdict = master.SILENT
        for baud in (home[0], meter.baud):
            if baud and verdict == master.SILENT:
                self.port.set_line(baud, home[1])
                verdict = await self.reach(meter, beat, 0)
                if verdict == master.DONE:
                    verdict = await self.order(request, beat)
        self.port.set_line(*home)
        return verdict

    async def order(self, request, beat):
        # SND_UD: what is to be acknowledged.
        self.out[: len(request)] = request
        return await self._send(len(request), beat)

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
