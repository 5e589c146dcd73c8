import unittest

from converter.link import csg, dlt645
from converter.link.framer import Framer
from converter.station.collector import Collector
from converter.station.dlt645 import Station


def frame(control, afn, di, data=b"", addresses=b""):
    out = bytearray(300)
    at = 4 + len(addresses)
    out[4:at] = addresses
    out[at + csg.DATA : at + csg.DATA + len(data)] = data
    control |= 0x20 if addresses else 0
    return bytes(out[: csg.close(out, control, at, afn, 7, di, len(data))])


_COUNT = frame(0xC0, 0x21, 0xEA062101)
_PASS = frame(0xC0, 0x22, 0xEA042201, b"\x02\x00\x68\x16", bytes(range(12)))
_LONGEST = frame(0xC0, 0x22, 0xEA042201, bytes(232), bytes(12))


class Frames(unittest.TestCase):
    def test_as_the_interface_has_it(self):
        self.assertEqual(_COUNT.hex(), "680c00c02107012106eafa16")
        self.assertEqual(len(_LONGEST), csg.MAX_FRAME)
        self.assertEqual(csg.body(_PASS), 16)

    def test_whole_and_truncated(self):
        for sound in (_COUNT, _PASS, _LONGEST):
            noisy = b"\x00\xfe" + sound + b"\x16"
            self.assertEqual(csg.frame_len(noisy, 2, len(noisy)), len(sound))
            for end in range(1, len(sound)):
                self.assertEqual(csg.frame_len(sound, 0, end), 0)

    def test_every_flipped_bit_is_seen(self):
        for bit in range(8 * len(_PASS)):
            wrong = bytearray(_PASS)
            wrong[bit >> 3] ^= 1 << (bit & 7)
            self.assertTrue(csg.frame_len(wrong, 0, len(wrong)) <= 0)

    def test_what_cannot_be_one(self):
        for wrong in ("670c00c0", "680b00c0", "681700e0", "680101c0", "680c00c1", "680c0043"):
            wrong = bytes.fromhex(wrong)
            self.assertEqual(csg.frame_len(wrong, 0, 4), -1)

    def test_an_answer_goes_back(self):
        out = bytearray(64)
        out[22:24] = b"\x12\x34"
        n = csg.answer(_PASS, out, 0x22, 0xEA032201, 2)
        self.assertEqual(csg.frame_len(out, 0, n), n)
        self.assertEqual(out[3], 0x20)
        self.assertEqual(bytes(out[4:16]), bytes(range(6, 12)) + bytes(range(6)))
        self.assertEqual(bytes(out[16:24]).hex(), "2207012203ea1234")


class OneLine(unittest.TestCase):
    """Both kinds of frames in one framer, byte by byte."""

    def setUp(self):
        self.collector = Collector(Station([], 0, []), None, b"")
        self.framer = Framer(self.collector.frame_len, Collector.MAX_FRAME + 16)

    def heard(self, raw):
        found = []
        for byte in raw:
            self.framer.get_buffer()[:1] = bytes((byte,))
            self.framer.buffer_updated(1)
            one = self.framer.next_frame(False)
            if one is not None:
                found.append(bytes(one))
        return found

    def test_mixed_with_noise(self):
        asked = bytearray(b"\x68\x20\x00\x00\x00\x00\x00\x68\x13\x00")
        asked += bytes((sum(asked) & 0xFF, 0x16))
        self.assertEqual(dlt645.frame_len(asked, 0, 12), 12)
        asked = bytes(asked)
        raw = b"\xfe\xfe" + asked + b"\x00\x16" + _COUNT + _PASS + b"\xfe" + asked + _LONGEST
        self.assertEqual(self.heard(raw), [asked, _COUNT, _PASS, asked, _LONGEST])

    def test_a_frame_of_698_is_neither(self):
        read = "6817004345aaaaaaaaaaaa005b4f0501004001020000ed0316"
        self.assertEqual(self.heard(bytes.fromhex(read)), [])
