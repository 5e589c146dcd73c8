"""The pulse generator's lines, words and desk; its pins are played on the emulated Pico."""

import binascii
import json
import struct
import unittest

from generator import lines
from generator.desk import Desk
from generator.words import BLOCK_WORDS, LONGEST_US, rest, word


class Lines(unittest.TestCase):
    def test_what_is_said_comes_back_whatever_stands_before_it(self):
        line = lines.framed(b"17 train 4")
        self.assertEqual(line, b"~17 train 4 9d55c686\n")
        self.assertEqual(lines.said(line), b"17 train 4")
        self.assertEqual(lines.said(b">>> ~17 tra" + line[:-1] + b"\r\n"), b"17 train 4")
        self.assertEqual(lines.said(memoryview(bytearray(line))), b"17 train 4")

    def test_a_damaged_line_says_nothing(self):
        line = lines.framed(b"17 train 4")
        for at in range(len(line) - 1):
            damaged = bytearray(line)
            damaged[at] ^= 1
            self.assertIsNone(lines.said(damaged), at)
        for cut in range(1, len(line) - 1):
            self.assertIsNone(lines.said(line[:cut]), cut)
            self.assertIsNone(lines.said(line[cut:]), cut)
        for none in (b"", b"\n", b"~", b"~ 00000000", b"~00000000"):
            self.assertEqual(lines.said(none) or b"", b"")

    def test_a_block_fits_into_a_line(self):
        text = binascii.b2a_base64(bytes(4 * BLOCK_WORDS))[:-1]
        line = lines.framed(b"65535 data 16777215 " + text)
        self.assertLess(len(line), lines.LONGEST)


class Words(unittest.TestCase):
    def test_contacts_and_microseconds(self):
        self.assertEqual(word(0b0101, 1), 0b0101)
        self.assertEqual(word(0b1000, 1001), 1000 << 4 | 8)
        self.assertEqual(word(15, LONGEST_US), 0xFFFFFFFF)
        self.assertEqual(rest(6), word(6, LONGEST_US))

    def test_what_no_word_holds_is_refused(self):
        for closed, us in ((0, 0), (0, LONGEST_US + 1), (16, 1), (-1, 1)):
            with self.assertRaises(ValueError):
                word(closed, us)


class FakePlayer:
    """Takes two blocks and plays nothing."""

    def __init__(self):
        self.did = []
        self.state = "idle"
        self.words = 0
        self.blocks = []
        self.is_playing = False

    def free(self):
        return 2 - len(self.blocks)

    def put_blocks(self):
        return len(self.blocks)

    def put(self, data):
        if not self.free():
            raise ValueError("full")
        self.blocks.append(data)

    def load(self, words):
        self.words = words
        self.state = "loading"

    def go(self):
        self.did.append("go")
        self.is_playing = True

    def played(self):
        return 0

    def abort(self):
        self.did.append("abort")

    def hold(self, closed):
        self.did.append(closed)


class FakeCounter:
    def __init__(self, count):
        self._count = count
        self.begun = 0

    def level(self):
        return 1

    def restart(self):
        self.begun += 1

    def count(self):
        return self._count


class AtTheDesk(unittest.TestCase):
    def setUp(self):
        self.player = FakePlayer()
        self.wires = [FakeCounter(n) for n in range(4)]
        self.relay = []
        inputs = [FakeCounter(7), FakeCounter(9)]
        self.desk = Desk(self.player, self.wires, inputs, self.relay.append, "e661")
        self.number = 0

    def ask(self, said):
        self.number += 1
        answer = self.desk.handle(self._said(said))
        number, verdict, rest = answer.decode().split(" ", 2)
        self.assertEqual(number, str(self.number))
        return json.loads(rest) if verdict == "ok" else "no " + rest

    def _said(self, said):
        return (str(self.number) + " " + said).encode()

    def test_a_train_is_loaded_block_by_block_and_started(self):
        data = struct.pack("<3I", word(1, 5), word(0, 5), word(3, 1))
        text = binascii.b2a_base64(data)[:-1].decode()
        self.assertEqual(self.ask("train 9")["state"], "loading")
        self.assertEqual([wire.begun for wire in self.wires], [1] * 4)
        self.assertEqual(self.ask("data 0 " + text), {"free": 1})
        self.assertEqual(self.ask("data 2 " + text), "no block 2, not 1")
        self.assertEqual(self.ask("data 1 " + text), {"free": 0})
        self.assertEqual(self.ask("data 2 " + text), "no full")
        self.assertEqual(self.player.blocks, [data, data])
        self.assertEqual(self.ask("go"), {})
        self.assertEqual(self.ask("train 9"), "no it plays")
        self.assertEqual(self.ask("hold 1"), "no it plays")
        self.assertEqual(self.player.did, ["go"])

    def test_the_state_has_wires_inputs_and_relay(self):
        state = self.ask("state")
        self.assertEqual(state["closings"], [0, 1, 2, 3])
        self.assertEqual((state["inputs"], state["rises"], state["cut"]), ([1, 1], [7, 9], 0))
        self.ask("cut 1")
        self.assertEqual((self.relay, self.ask("state")["cut"]), ([1], 1))

    def test_a_line_that_comes_again_is_done_once(self):
        first = self.desk.handle(b"5 hold 3")
        self.assertEqual(self.desk.handle(b"5 hold 3"), first)
        self.assertEqual(self.player.did, [3])
        self.assertEqual(self.desk.handle(None), b"? no damaged line")
        self.assertEqual(self.desk.handle(b"6 hold 0"), b"6 ok {}")
        self.assertEqual(self.player.did, [3, 0])

    def test_hello_is_never_answered_from_memory(self):
        self.desk.handle(b"5 hold 3")
        self.assertIn(b'"unit": "e661"', self.desk.handle(b"5 hello"))

    def test_nonsense_is_refused_and_nothing_done(self):
        for said in (
            "dance",
            "",
            "hold",
            "hold 1 2",
            "hold x",
            "hold 16",
            "hold -1",
            "cut 2",
            "train 0",
            "train",
            "data 0 A",
            "data x AAAA",
            "handle 1",
            "_player",
        ):
            self.assertEqual(self.ask(said)[:3], "no ", said)
        self.assertEqual((self.player.did, self.player.blocks, self.relay), ([], [], []))


if __name__ == "__main__":
    unittest.main()
