# ruff: noqa: F821  (the names of PIO instructions come from rp2.asm_pio)
"""Plays words (words.py) on four neighbouring pins: a state machine, fed by two DMA channels.

A contact is a pin that pulls to ground or is let go: the wire's level comes from whoever has the
pull-up. A microsecond is five cycles of the state machine, and a word costs no time of its own, so
that no error adds up. All four channels come from one word: their phase is exact.

A block is handed to DMA while the one before is played. Where words run out too early the state
machine stalls, and the chip remembers that: at the train's end, too, it is seen.
"""

import machine
import rp2
from micropython import const

from generator.words import BLOCK_WORDS, CHANNELS, WORD_BYTES, rest

IDLE, LOADING, PLAYING, DONE, ABORTED, UNDERRUN = (
    "idle",
    "loading",
    "playing",
    "done",
    "aborted",
    "underrun",
)
BLOCKS = const(16)

_HZ = const(5000000)
_SYSTEM_HZ = const(125000000)
_MACHINE = const(0)  # of PIO 0
_WORD_SIZE = const(2)  # of a transfer: 1 << 2 bytes
_FDEBUG = const(0x50200008)
_STALLED = const(1 << 24)  # of machine 0: it wanted a word, and there was none
_X_FROM_0 = const(0xE020)  # set(x, 0)
_DIRECTIONS = const(0xE080)  # set(pindirs, 0 to 15)
_DROP = const(0x8080)  # pull(noblock)
_FIFO_WORDS = const(8)
_WAITS = const(1000)


@rp2.asm_pio(
    out_init=(rp2.PIO.IN_LOW,) * 4,
    set_init=(rp2.PIO.IN_LOW,) * 4,
    out_shiftdir=rp2.PIO.SHIFT_RIGHT,
    fifo_join=rp2.PIO.JOIN_TX,
)
def _contacts():
    label("hold")
    jmp(x_dec, "hold")[4]
    wrap_target()
    pull(block)
    out(pindirs, 4)
    out(x, 28)
    jmp(x_dec, "hold")[1]  # five cycles with the three before
    wrap()


class Player:
    def __init__(self, first_gpio):
        for gpio in range(first_gpio, first_gpio + CHANNELS):
            # No pull of our own: a module without supply must not be fed by its input.
            machine.Pin(gpio, machine.Pin.IN, None)
        if machine.freq() % _HZ:  # a fraction of a cycle would be a jitter
            machine.freq(_SYSTEM_HZ)
        pin = machine.Pin(first_gpio)
        self._machine = rp2.StateMachine(_MACHINE, _contacts, _HZ, out_base=pin, set_base=pin)
        self._dma = a, b = rp2.DMA(), rp2.DMA()
        self._alone = tuple(_control(dma, dma) for dma in (a, b))
        self._chained = _control(a, b), _control(b, a)
        # One word more: the rest after the train.
        self._blocks = [bytearray((BLOCK_WORDS + 1) * WORD_BYTES) for _ in range(BLOCKS)]
        self._words = [0] * BLOCKS
        self._begin = [0, 0]  # where each DMA channel began to read
        self.state = IDLE
        self._clear(0)

    def _clear(self, words):
        self.words = words
        self._missing = words  # not put yet
        self._put = self._armed = self._played = 0  # blocks
        self._taken = 0  # words of the blocks played

    @property
    def is_playing(self):
        return self.state == PLAYING

    def free(self):
        """Blocks that there is room for."""
        return BLOCKS - self._put + self._played

    def put_blocks(self):
        return self._put

    # --- a train

    def load(self, words):
        """A train of so many words is to come."""
        self._clear(words)
        self.state = LOADING

    def put(self, data):
        """The next words of the train, a block at most. ValueError where there is no room."""
        count = len(data) // WORD_BYTES
        if self.state not in (LOADING, PLAYING):
            raise ValueError("no train")
        if not self.free():
            raise ValueError("full")
        if len(data) % WORD_BYTES or not 0 < count <= min(BLOCK_WORDS, self._missing):
            raise ValueError("%d bytes, %d words missing" % (len(data), self._missing))
        block = self._blocks[self._put % BLOCKS]
        block[: len(data)] = data
        self._missing -= count
        if not self._missing:
            last = rest(data[-WORD_BYTES] & (1 << CHANNELS) - 1)
            block[len(data) : len(data) + WORD_BYTES] = last.to_bytes(WORD_BYTES, "little")
            count += 1
        self._words[self._put % BLOCKS] = count
        self._put += 1

    def go(self):
        if self.state != LOADING or not self._put:
            raise ValueError("nothing to play")
        run = self._machine
        run.active(0)
        for _ in range(_FIFO_WORDS):
            run.exec(_DROP)
        run.restart()
        run.exec(_X_FROM_0)
        self._arm()
        for _ in range(_WAITS):
            if run.tx_fifo():
                break
        machine.mem32[_FDEBUG] = _STALLED
        self.state = PLAYING
        run.active(1)

    def step(self):
        """Call it often: it hands the next block to DMA, and sees the end."""
        if self.state != PLAYING:
            return
        self._reap()
        self._arm()
        self._reap()
        stalled = machine.mem32[_FDEBUG] & _STALLED
        if stalled:
            self._stop(UNDERRUN)
            self.hold(0)
        elif not self._missing and self._played == self._put and not self._machine.tx_fifo():
            self._stop(DONE)

    def abort(self):
        if self.state == PLAYING:
            self._stop(ABORTED)
        elif self.state == LOADING:
            self.state = ABORTED
        self.hold(0)

    def hold(self, closed):
        """These contacts closed, the others open, while nothing is played."""
        self._machine.exec(_DIRECTIONS | closed)

    def played(self):
        """Words of the train whose level has been put out."""
        if self.state == DONE:
            return self.words
        if self.state == LOADING:
            return 0
        at = self._taken
        if self._played < self._armed:
            turn = self._played & 1
            at += (self._dma[turn].read - self._begin[turn]) // WORD_BYTES
        return min(self.words, max(0, at - self._machine.tx_fifo()))

    def _stop(self, state):
        self._machine.active(0)
        # Neither may start the other at its end.
        for turn, dma in enumerate(self._dma):
            dma.ctrl = self._alone[turn]
        for dma in self._dma:
            dma.active(0)
        self.state = state

    # --- blocks and DMA

    def _arm(self):
        # Two blocks at most: the one that is played, and the one chained to it.
        while self._armed < min(self._put, self._played + 2):
            n = self._armed
            turn = n & 1
            dma = self._dma[turn]
            dma.ctrl = self._alone[turn]
            dma.read = self._blocks[n % BLOCKS]
            dma.write = self._machine
            dma.count = self._words[n % BLOCKS]
            self._begin[turn] = dma.read
            self._armed += 1
            if n == self._played:
                dma.active(1)
            else:
                self._dma[turn ^ 1].ctrl = self._chained[turn ^ 1]

    def _reap(self):
        while self._played < self._armed:
            turn = self._played & 1
            dma = self._dma[turn]
            if dma.active():
                return
            if dma.read == self._begin[turn]:
                # The block before it was over before it was chained.
                dma.active(1)
                continue
            self._taken += self._words[self._played % BLOCKS]
            self._played += 1


def _control(dma, then):
    return dma.pack_ctrl(
        size=_WORD_SIZE, inc_write=False, treq_sel=_MACHINE, chain_to=then.channel
    )
