import unittest

from converter.link import cjt188, dlt645
from converter.link.framer import Framer
from feeding import arrive, flipped
from telegrams import HEAT_ANSWER, HEAT_REQUEST, READ_ADDRESS, READ_ENERGY_1

_CASES = (
    (dlt645, READ_ADDRESS),
    (dlt645, READ_ENERGY_1),
    (cjt188, HEAT_REQUEST),
    (cjt188, HEAT_ANSWER),
)


def _framer(link):
    return Framer(link.frame_len, 2 * link.MAX_FRAME)


def _choosy(ours):
    return Framer(dlt645.frame_len, 2 * dlt645.MAX_FRAME, lambda found: bytes(found) in ours)


class Whole(unittest.TestCase):
    def test_any_chunk(self):
        for link, telegram in _CASES:
            for chunk in (1, 2, 3, 7, len(telegram) - 1, len(telegram), 200):
                self.assertEqual(arrive(_framer(link), telegram, chunk, False), [telegram])

    def test_any_preamble(self):
        for link, telegram in _CASES:
            for n in (1, 2, 4, 13):
                got = arrive(_framer(link), b"\xfe" * n + telegram, 1, False)
                self.assertEqual(got, [telegram])

    def test_two_in_one_read(self):
        for link, telegram in _CASES:
            self.assertEqual(arrive(_framer(link), telegram * 2, 999, False), [telegram] * 2)

    def test_not_before_the_last_byte(self):
        for link, telegram in _CASES:
            for n in range(len(telegram)):
                self.assertEqual(arrive(_framer(link), telegram[:n], 1), [])

    def test_tail_is_kept_for_the_next(self):
        for link, telegram in _CASES:
            framer = _framer(link)
            self.assertEqual(arrive(framer, telegram + telegram[:5], 4, False), [telegram])
            self.assertEqual(framer.pending, 5)
            self.assertEqual(arrive(framer, telegram[5:], 4, False), [telegram])


class Noise(unittest.TestCase):
    def test_every_single_bit_error_is_caught(self):
        # The sum catches any one wrong bit; a bit may turn FE or noise into a header, so what is
        # found must never be another frame either.
        for link, telegram in _CASES:
            for spoilt in flipped(telegram):
                self.assertEqual(arrive(_framer(link), spoilt, 64), [])

    def test_junk_before(self):
        junk = b"\x00\x00\x16\x68\x00\xff\x68"
        for link, telegram in _CASES:
            self.assertEqual(arrive(_framer(link), junk + telegram, 1), [telegram])

    def test_frame_inside_an_unfinished_one_is_found_when_quiet(self):
        # A header that announces more than will ever come, then a sound request.
        head = b"\x68\x01\x00\x00\x00\x00\x00\x68\x11\x60"
        framer = _framer(dlt645)
        self.assertEqual(arrive(framer, head + READ_ENERGY_1, 3, False), [])
        self.assertEqual(bytes(framer.next_frame(True)), READ_ENERGY_1)

    def test_only_ours_ends_an_unfinished_one(self):
        # Byte by byte, with a look inside after every byte that came before a pause.
        body = READ_ADDRESS + b"\x00\x16\x68" + READ_ENERGY_1 + READ_ADDRESS[:9]
        whole = bytearray(b"\x68\x01\x00\x00\x00\x00\x00\x68\x91") + bytes((len(body),)) + body
        whole += bytes((sum(whole) & 0xFF, 0x16))
        inside = whole.find(READ_ENERGY_1) + len(READ_ENERGY_1)
        for ours in ((), (READ_ENERGY_1,)):
            for pause in range(1, len(whole)):
                framer = _choosy(ours)
                self.assertEqual(arrive(framer, whole[:pause], 1, False), [])
                found = framer.next_frame(True)
                if ours and pause >= inside:
                    self.assertEqual(bytes(found), READ_ENERGY_1)
                    continue
                self.assertIsNone(found)
                self.assertIsNone(framer.next_frame(True))
                self.assertEqual(arrive(framer, whole[pause:], 1, False), [bytes(whole)])

    def test_what_is_whole_inside_an_unfinished_one_is_not_searched(self):
        # A sound frame of somebody else's carries a request to us: that is its data.
        carrier = bytearray(b"\x68\x07\x00\x00\x00\x00\x00\x68\x91\x10") + READ_ENERGY_1
        carrier += bytes((sum(carrier) & 0xFF, 0x16))
        head = b"\x68\x01\x00\x00\x00\x00\x00\x68\x11\xc0"
        framer = _choosy((READ_ENERGY_1,))
        self.assertEqual(arrive(framer, head + carrier, 5), [])
        self.assertEqual(arrive(framer, READ_ENERGY_1, 5), [READ_ENERGY_1])

    def test_a_pause_does_not_break_a_frame(self):
        for link, telegram in _CASES:
            for n in range(1, len(telegram)):
                framer = _framer(link)
                self.assertEqual(arrive(framer, telegram[:n], 9), [])
                self.assertEqual(arrive(framer, telegram[n:], 9, False), [telegram])

    def test_clear_gives_up(self):
        framer = _framer(dlt645)
        arrive(framer, READ_ENERGY_1[:9], 9)
        framer.clear()
        self.assertEqual(framer.pending, 0)
        self.assertEqual(arrive(framer, READ_ENERGY_1[9:], 9), [])

    def test_frame_inside_a_complete_one_is_data(self):
        body = READ_ENERGY_1
        frame = bytearray(b"\x68\x01\x00\x00\x00\x00\x00\x68\x91") + bytes((len(body),)) + body
        frame += bytes((sum(frame) & 0xFF, 0x16))
        self.assertEqual(arrive(_framer(dlt645), bytes(frame), 5), [bytes(frame)])

    def test_endless_noise_neither_grows_nor_sticks(self):
        framer = _framer(dlt645)
        noise = bytes((k * 73 + 41) & 0xFF for k in range(256)) * 8
        arrive(framer, noise + b"\x68" * 600, 31)
        self.assertEqual(arrive(framer, READ_ENERGY_1, 1), [READ_ENERGY_1])
        self.assertTrue(framer.skipped >= len(noise))
