"""A module and a generator behind ports, in real time: the board on the VM, and the generator's
desk with pins that are the board's."""

import contextlib
import os
import threading
import tty
from collections import deque

from generator import lines
from generator.desk import Desk
from generator.words import BLOCK_WORDS, CHANNELS
from sibiao.firmware.slot import image_files
from sibiao.lab.stands.hardware import channels_of
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode
from sibiao.node.vm.serve import ConsolePty
from sibiao.sim.wire import NS_PER_MS

from tests.node.asking import BUS, MS, UPLINK
from tests.node.bridge import Bridge

_BLOCKS = 16


def square(count, half_ms=20):
    """Levels of a contact that closes so many times."""
    return tuple((n * half_ms * NS_PER_MS, 1 - n % 2) for n in range(2 * count + 1))


class RealTimePlayer:
    """As firmware/generator/player.py, of the node's own clock instead of a PIO."""

    def __init__(self, clock, put_level):
        self._clock, self._put_level = clock, put_level
        self.state, self.words = "idle", 0
        self.closings = [0] * CHANNELS
        self.closed = 0
        self._queue = deque()
        self._put = self._played = self._missing = 0

    @property
    def is_playing(self):
        return self.state == "playing"

    def free(self):
        return _BLOCKS - -(-len(self._queue) // BLOCK_WORDS)

    def put_blocks(self):
        return self._put

    def played(self):
        return self._played

    def load(self, words):
        self.state, self.words, self._missing = "loading", words, words
        self._queue.clear()
        self._put = self._played = 0

    def put(self, data):
        if self.state not in ("loading", "playing"):
            raise ValueError("no train")
        if not self.free():
            raise ValueError("full")
        fresh = memoryview(data).cast("I")
        self._queue.extend(fresh)
        self._missing -= len(fresh)
        self._put += 1

    def go(self):
        self.state = "playing"
        self._due_ns = self._clock.now_ns
        self._next()

    def abort(self):
        if self.state in ("loading", "playing"):
            self.state = "aborted"
        self.hold(0)

    def hold(self, closed):
        for channel in range(CHANNELS):
            before, now = self.closed >> channel & 1, closed >> channel & 1
            self.closings[channel] += now > before
            if now != before:
                self._put_level(channel, 1 - now)
        self.closed = closed

    def _next(self):
        if self.state != "playing":
            return
        if not self._queue:
            self.state = "underrun" if self._missing else "done"
            if self._missing:
                self.hold(0)
            return
        word = self._queue.popleft()
        self._played += 1
        self.hold(word & 15)
        self._due_ns += ((word >> 4) + 1) * 1000
        self._clock.call_at(self._due_ns, self._next)


class _Wire:
    """A channel's wire for the desk; `shows` False: nothing is connected to it."""

    def __init__(self, player, channel):
        self._player, self._channel = player, channel
        self._from = 0
        self.shows = True

    def level(self):
        return 1 - (self._player.closed >> self._channel & 1)

    def restart(self):
        self._from = self._player.closings[self._channel]

    def count(self):
        return self._player.closings[self._channel] - self._from if self.shows else 0


class World:
    """`with World(loaded) as world:` lives in a thread of its own. `relay_wired`: whether the
    relay is in the module's supply."""

    def __init__(self, loaded):
        self.relay_wired = True
        self.powered = True
        self.node = VmNode(vm_binary(), image_files(loaded))
        inputs = loaded.board.pulse_inputs
        self._gpios = {n: inputs[name].gpio for name, n in channels_of(loaded).items()}
        for pin in inputs.values():
            self.node.set_pin(pin.gpio, 1)
        self._console = ConsolePty(self.node)
        self._lines = [Bridge(self.node, uart) for uart in (UPLINK, BUS)]
        self.console = self._console.path
        self.uplink, self.bus = (line.url for line in self._lines)
        self.player = RealTimePlayer(self.node.clock, self._put_level)
        self.wires = [_Wire(self.player, channel) for channel in range(CHANNELS)]
        self._desk = Desk(self.player, self.wires, [], self._relay, "e661")
        self._end, self._far = os.openpty()
        tty.setraw(self._far)
        self.generator = os.ttyname(self._far)
        self._heard = b""
        self.damage = 0  # so many lines more are damaged on their way to the desk
        self.node.clock.watch(self._end, self._from_host)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        for line in self._lines:
            line.close()
        self._console.close()
        self.node.close()
        os.close(self._end)
        os.close(self._far)

    def _live(self):
        while not self._over.is_set():
            for line in self._lines:
                line.pass_on()
            self.node.run(2 * MS)

    def _put_level(self, channel, level):
        if self.powered and channel in self._gpios:
            self.node.set_pin(self._gpios[channel], level)

    def _relay(self, cut):
        if not self.relay_wired or self.powered == (not cut):
            return
        self.powered = not cut
        for line in self._lines:
            line.dead = bool(cut)
        # RAM is gone at the cut; what starts at once, and nobody hears, starts again with power.
        self.node.power_cut()
        for channel in self._gpios:
            self._put_level(channel, self.wires[channel].level())

    def _from_host(self):
        self._heard += os.read(self._end, 4096)
        *whole, self._heard = self._heard.split(b"\n")
        for line in whole:
            if self.damage:
                self.damage -= 1
                line = line.replace(b" ", b"_", 1)
            with contextlib.suppress(BlockingIOError):
                os.write(self._end, lines.framed(self._desk.handle(lines.said(line))))
