"""Simulated M-Bus meters on a bus in virtual time, asked by the firmware's link code."""

from converter.link import mbus as link
from converter.link import mbus_search
from converter.link.framer import Framer
from sibiao.sim.bus.mbus import MbusMeter
from sibiao.sim.bus.meter import Bus
from sibiao.sim.wire import NS_PER_S

from tests.host.virtual_clock import Listener, VirtualClock, null_modem

REQ = link.REQ_UD2
FCB = link.FCB

# The M-Bus documentation's example (rev. 4.8, 6.6): water, 12.565 m3.
WATER = bytes.fromhex("681F1F680802727856341224400107550000000313153100DA023B13018B60043718021816")
# Its example of a fixed structure (6.2), and a meter of GB/T 26831 without header
# (flimmy78/qtverify, 天罡26831-读高精度返回数据).
FIXED = bytes.fromhex("68131368080573785634120A00E97E01000000350100003C16")
BARE = bytes.fromhex("681F1F680800780C79197704350C03110000000C11380000000B590120000B5D1520006516")


class Bench:
    def __init__(self, *meters):
        self.clock = VirtualClock()
        near, self.far = null_modem(self.clock)
        self.near = near
        self.node = Listener(self.clock, near)
        self.bus = Bus(self.clock, self.far, meters)
        self.out = bytearray(261)

    def send(self, length, wait_s=1.6):
        """What is heard to a request built in `out`."""
        self.node.take()
        self.node.send(bytes(self.out[:length]))
        self.clock.run(round(wait_s * NS_PER_S))
        return bytes(self.node.heard)

    def short(self, control, address):
        return self.send(link.short(self.out, control, address))

    def frames(self, length, accept_ack=True):
        """The frames that the firmware hears, and whether there was anything else."""
        heard = self.send(length)
        ear = link.Ear()
        ear.ack = accept_ack
        framer = Framer(ear.frame_len, 300)
        out = []
        for byte in heard:
            framer.get_buffer()[0] = byte
            framer.buffer_updated(1)
            while (got := framer.next_frame(False)) is not None:
                out.append(bytes(got))
        return out, sum(map(len, out)) < len(heard)

    def search(self, limit=400):
        search, found, probes = mbus_search.Search(), [], 0
        while (what := search.step(self.out)) != mbus_search.OVER:
            probes += 1
            assert probes < limit
            frames, noise = self.frames(search.length, what == mbus_search.SELECT)
            if not frames and not noise:
                search.silent()
            elif noise or len(frames) > 1:
                search.collided()
            elif what == mbus_search.SELECT:
                search.acknowledged()
            else:
                search.answered(frames[0])
            if search.found:
                found.append(bytes(search.found))
        return found, probes, search.unresolved


def water(**options):
    return MbusMeter([WATER], "water", **options)
