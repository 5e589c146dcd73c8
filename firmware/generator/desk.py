"""Takes what the host says and answers it: a number, a verb, words behind it; the answer has the
same number, `ok` and JSON, or `no` and why. docs/bench-hardware.md has the verbs.

A line that comes twice, because its answer was lost, is answered twice and done once.
"""

import binascii
import json

from generator.words import BLOCK_WORDS, CHANNELS, VERSION


class Desk:
    """player, `wires` and `inputs` (edge counters) and relay(on) are what it works with."""

    def __init__(self, player, wires, inputs, relay, unit):
        self._player = player
        self._wires = wires
        self._inputs = inputs
        self._relay = relay
        self._unit = unit
        self._last = self._answer = None
        self._cut = 0

    def handle(self, said):
        """said: what the line says, None for one that was damaged. What the answer says."""
        if said is None:
            return b"? no damaged line"
        number, _, rest = said.partition(b" ")
        if number == self._last and not rest.startswith(b"hello"):
            return self._answer
        try:
            verb, *words = str(rest, "ascii").split() or [""]
            do = getattr(self, "do_" + verb, None)
            if do is None:
                raise ValueError("verb " + verb)
            text = "ok " + json.dumps(do(*words))
        except (ValueError, TypeError) as error:
            text = "no " + str(error)
        self._last = number
        self._answer = number + b" " + text.encode()
        return self._answer

    def do_hello(self):
        return {
            "generator": VERSION,
            "unit": self._unit,
            "channels": CHANNELS,
            "inputs": len(self._inputs),
            "block": BLOCK_WORDS,
        }

    def do_train(self, words):
        if self._player.is_playing:
            raise ValueError("it plays")
        if int(words) < 1:
            raise ValueError("a train of %s words" % words)
        self._player.load(int(words))
        for counter in self._wires:
            counter.restart()
        return self.do_state()

    def do_data(self, block, text):
        player = self._player
        if int(block) != player.put_blocks():
            raise ValueError("block %s, not %d" % (block, player.put_blocks()))
        player.put(binascii.a2b_base64(text))
        return {"free": player.free()}

    def do_go(self):
        self._player.go()
        return {}

    def do_state(self):
        player = self._player
        return {
            "state": player.state,
            "played": player.played(),
            "words": player.words,
            "free": player.free(),
            "closings": [counter.count() for counter in self._wires],
            "wires": [counter.level() for counter in self._wires],
            "inputs": [counter.level() for counter in self._inputs],
            "rises": [counter.count() for counter in self._inputs],
            "cut": self._cut,
        }

    def do_abort(self):
        self._player.abort()
        return self.do_state()

    def do_hold(self, closed):
        if self._player.is_playing:
            raise ValueError("it plays")
        if not 0 <= int(closed) < 1 << CHANNELS:
            raise ValueError("contacts %s" % closed)
        self._player.hold(int(closed))
        return {}

    def do_cut(self, on):
        """1: the module's supply is cut."""
        if on not in ("0", "1"):
            raise ValueError("cut %s" % on)
        self._cut = int(on)
        self._relay(self._cut)
        return {}
