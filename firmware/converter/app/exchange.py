"""One request and its answer over a port, with retries: what every link's poll is made of."""

from converter.link import master


class Exchange:
    def __init__(self, port, framer, accept, tries, size):
        # size: of the longest request.
        self.port = port
        self.frame = None  # the answer, until the next exchange
        self.out = bytearray(size)
        self._view = memoryview(self.out)
        self._framer = framer
        self._master = master.Master(accept, tries)

    async def exchange(self, preamble, n, answer_ms, beat, tries=0):
        # Send the first n bytes of `out`, of which so many are preamble. Verdicts of link.master.
        if self.port.wanted:
            return master.BROKEN_OFF
        verdict = self._master.start(self._view[preamble:n], tries)
        while verdict == master.SEND:
            self.port.drain(self._framer)
            await self.port.send(self._view[:n])
            beat()
            verdict = master.WAIT
            while verdict == master.WAIT:
                self.frame = await self.port.listen(self._framer, answer_ms, beat)
                beat()
                if self.frame is None:
                    verdict = self._master.timed_out(self.port.wanted)
                else:
                    verdict = self._master.answer(self.frame)
        return verdict
