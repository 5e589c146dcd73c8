"""M-Bus slaves in a few lines that share nothing with the converter: published telegrams, with
address and values patched in and the sum put right."""

MS = 1_000_000
ANY = 253


def patched(telegram, at=None, data=b"", address=None):
    """The telegram with some bytes replaced, and its own address."""
    frame = bytearray(telegram)
    if at is not None:
        frame[at : at + len(data)] = data
    if address is not None:
        frame[5] = address
    frame[-2] = sum(frame[4:-2]) & 0xFF
    return bytes(frame)


class Slave:
    """One meter: `telegrams` are given in turn, the last one again when it is asked with the same
    FCB; a meter that ignores the FCB goes on all the same."""

    def __init__(self, telegrams, address=1, ignores_fcb=False):
        self.telegrams = telegrams
        self.address = address
        self.silent = False
        self.selected = False
        self.ignores_fcb = ignores_fcb
        self.asked = []  # control bytes heard
        self._fcb = None
        self._next = 0

    @property
    def secondary(self):
        return self.telegrams[0][7:15]

    def answer(self, request):
        control, to = (request[1:3] if request[0] == 0x10 else request[4:6])[:2]
        if control == 0x53 and to == ANY and request[6] == 0x52:
            wanted = request[7:15]
            self.selected = all(
                w in (0xFF, h) for w, h in zip(wanted, self.secondary, strict=True)
            )
            self.asked.append(control)
            self._fcb = None
            return b"\xe5" if self.selected and not self.silent else b""
        if to != self.address and not (to == ANY and self.selected):
            return b""
        self.asked.append(control)
        if self.silent:
            return b""
        if control == 0x40:
            self._next, self._fcb = 0, None
            self.selected = False
            return b"\xe5"
        if control & 0x4F != 0x4B:
            return b""
        if self.ignores_fcb or control & 0x20 != self._fcb:
            self.current = self.telegrams[self._next]
            self._next = (self._next + 1) % len(self.telegrams)
        self._fcb = control & 0x20
        return patched(self.current, address=self.address)


class Bus:
    """The slaves on a line. `noise` goes before each answer; `echo` gives back what is heard;
    `after(slave)` is called when an answer is on its way."""

    def __init__(self, node, uart, slaves, baud=2400, parity="E"):
        self.slaves = slaves
        self.echo = False
        self.noise = b""
        self.spoil = 0  # so many answers come with a wrong sum
        self.requests = []  # (time in ns, bytes)
        self.heard = lambda: None
        self.after = lambda slave: None
        self._node = node
        self._got = bytearray()
        self._heard_ns = 0
        self.line = node.line(uart)
        self.line.settings(baud, parity)
        self.line.on_byte = self._on_byte

    def _on_byte(self, byte):
        self.heard()
        if self.echo:
            self.line.send(bytes([byte]))
        now_ns = self._node.clock.now_ns
        if now_ns - self._heard_ns > 100 * MS:
            self._got.clear()
        self._heard_ns = now_ns
        self._got.append(byte)
        got = self._got
        size = 5 if got[0] == 0x10 else got[1] + 6 if got[0] == 0x68 and len(got) > 1 else 300
        if len(got) < size:
            return
        request = bytes(got)
        got.clear()
        first = 1 if size == 5 else 4
        assert request[-2] == sum(request[first:-2]) & 0xFF and request[-1] == 0x16
        self.requests.append((now_ns, request))
        for slave in self.slaves:
            if answer := slave.answer(request):
                self._node.clock.call_later(20 * MS, lambda s=slave, a=answer: self._send(s, a))

    def _send(self, slave, answer):
        if self.spoil and len(answer) > 1:
            self.spoil -= 1
            answer = answer[:-2] + bytes([answer[-2] ^ 1, 0x16])
        self.line.send(self.noise + answer)
        self.after(slave)
