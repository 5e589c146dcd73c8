import unittest

from converter.link import mbus, mbus_select, mbus_set
from converter.link.framer import Framer
from converter.link.master import DONE, REFUSED, SEND, WAIT, Master
from feeding import arrive, flipped

# Published: flimmy78/qtverify, telegrams of GB/T 26831 meters.
COMMAND = bytes.fromhex("6807076853FE510F090004BE16")
ANSWER = bytes.fromhex(
    "681F1F680800780C79197704350C03110000000C11380000000B590120000B5D1520006516"
)
RESET = bytes.fromhex("6804046853FE50903116")
# Published: EN 13757-3, an example of the fixed structure.
FIXED = bytes.fromhex("68131368080573785634120A00E97E01000000350100003C16")
REQUEST = bytes.fromhex("107B007B16")
CONTROL_FRAME = bytes.fromhex("6803036853FEBB0C16")
TELEGRAMS = (COMMAND, ANSWER, RESET, FIXED, REQUEST, CONTROL_FRAME)


def _framer():
    return Framer(mbus.frame_len, 2 * mbus.MAX_FRAME)


class Frames(unittest.TestCase):
    def test_any_chunk(self):
        for telegram in TELEGRAMS:
            for chunk in (1, 2, 3, 7, len(telegram)):
                self.assertEqual(arrive(_framer(), telegram, chunk, False), [telegram])

    def test_after_noise_and_with_tail(self):
        for telegram in TELEGRAMS:
            for noise in (b"\x00", b"\x68", b"\x68\x07\x08", b"\x10\x10", b"\xe5", b"\x16\x16"):
                got = arrive(_framer(), noise + telegram + b"\x00\xff", 5)
                self.assertEqual(got, [telegram])

    def test_two_in_one_read(self):
        for telegram in TELEGRAMS:
            self.assertEqual(arrive(_framer(), telegram * 2, 999, False), [telegram] * 2)

    def test_truncated(self):
        for telegram in TELEGRAMS:
            for n in range(len(telegram)):
                self.assertEqual(arrive(_framer(), telegram[:n], 3), [])

    def test_each_bit_flipped(self):
        for telegram in TELEGRAMS:
            for spoilt in flipped(telegram):
                for frame in arrive(_framer(), spoilt, 64):
                    # A long frame broken open may hold bytes that make a short one of their own;
                    # no spoilt telegram passes as what it was.
                    self.assertTrue(len(frame) < len(telegram) and frame in spoilt)

    def test_longest(self):
        out = bytearray(mbus.MAX_FRAME)
        n = mbus.close(out, mbus.SND_UD, 1, 0x51, 252)
        self.assertEqual(n, mbus.MAX_FRAME)
        self.assertEqual(arrive(_framer(), bytes(out), 50, False), [bytes(out)])

    def test_length_below_3_is_no_frame(self):
        self.assertEqual(arrive(_framer(), bytes.fromhex("680000680816"), 1), [])
        self.assertEqual(arrive(_framer(), bytes.fromhex("6802026808010916"), 1), [])


class Acknowledge(unittest.TestCase):
    def test_only_while_expected(self):
        ear = mbus.Ear()
        framer = Framer(ear.frame_len, 300)
        self.assertEqual(arrive(framer, b"\xe5", 1), [])
        ear.ack = True
        self.assertEqual(arrive(framer, b"\xe5", 1), [b"\xe5"])
        self.assertEqual(arrive(framer, ANSWER, 1), [ANSWER])
        ear.ack = False
        self.assertEqual(arrive(framer, b"\xe5" + REQUEST, 1), [REQUEST])

    def test_which_requests(self):
        out = bytearray(20)
        for c, wanted in ((0x40, True), (0x5A, True), (0x7A, True), (0x5B, False), (0x7B, False)):
            self.assertEqual(mbus.expects_ack(memoryview(out)[: mbus.short(out, c, 1)]), wanted)
        self.assertTrue(mbus.expects_ack(COMMAND))


class Accept(unittest.TestCase):
    def _request(self, c, address):
        out = bytearray(5)
        mbus.short(out, c, address)
        return out

    def test_reading(self):
        for address in (0, mbus.ANY, mbus.SELECTED):
            request = self._request(0x7B, address)
            self.assertEqual(mbus.accept(request, ANSWER), mbus.SOUND)
        self.assertEqual(mbus.accept(self._request(0x7B, 1), ANSWER), mbus.NOT_OURS)

    def test_echo_is_not_the_answer(self):
        for request in (REQUEST, COMMAND, RESET):
            self.assertEqual(mbus.accept(request, request), mbus.NOT_OURS)

    def test_busy_and_more_data_do_not_matter(self):
        answer = bytearray(ANSWER)
        answer[4] |= 0x30
        self.assertEqual(mbus.accept(REQUEST, answer), mbus.SOUND)

    def test_acknowledge(self):
        for request in (COMMAND, RESET, self._request(0x40, 1), self._request(0x5A, 1)):
            self.assertEqual(mbus.accept(request, b"\xe5"), mbus.SOUND)
        self.assertEqual(mbus.accept(REQUEST, b"\xe5"), mbus.REFUSED)

    def test_late_answer_is_no_acknowledge(self):
        self.assertEqual(mbus.accept(COMMAND, ANSWER), mbus.NOT_OURS)

    def test_application_error(self):
        error = bytes.fromhex("68040468080170088116")
        self.assertEqual(mbus.accept(self._request(0x7B, 1), error), mbus.REFUSED)

    def test_with_the_master(self):
        master = Master(mbus.accept, 2)
        self.assertEqual(master.start(REQUEST), SEND)
        self.assertEqual(master.answer(REQUEST), WAIT)
        self.assertEqual(master.answer(ANSWER), DONE)
        master.start(REQUEST)
        self.assertEqual(master.answer(b"\xe5"), REFUSED)


class Building(unittest.TestCase):
    def setUp(self):
        self.out = bytearray(40)

    def _sent(self, n):
        return bytes(self.out[:n])

    def test_short(self):
        sent = self._sent(mbus.short(self.out, mbus.SND_NKE, 253))
        self.assertEqual(sent, bytes.fromhex("1040FD3D16"))
        sent = self._sent(mbus.short(self.out, mbus.REQ_UD2 | mbus.FCB, 0))
        self.assertEqual(sent, REQUEST)

    def test_toggle_is_the_other_request(self):
        for address in (0, 5, 200, 254):
            n = mbus.short(self.out, mbus.REQ_UD2, address)
            before = self._sent(n)
            request = memoryview(self.out)[:n]
            mbus.toggle(request)
            self.assertEqual(request[1], 0x7B)
            self.assertEqual(arrive(_framer(), bytes(request), 9, False), [bytes(request)])
            mbus.toggle(request)
            self.assertEqual(bytes(request), before)

    def test_published_command(self):
        self.out[7:11] = b"\x0f\x09\x00\x04"
        n = mbus.close(self.out, mbus.SND_UD, mbus.ANY, 0x51, 4)
        self.assertEqual(self._sent(n), COMMAND)

    def test_application_reset(self):
        n = mbus_set.application_reset(self.out, mbus.SND_UD, mbus.ANY, 0x90)
        self.assertEqual(self._sent(n), RESET)
        n = mbus_set.application_reset(self.out, mbus.SND_UD, mbus.ANY)
        self.assertEqual(self._sent(n), bytes.fromhex("6803036853FE50A116"))

    def test_baud(self):
        n = mbus_set.baud(self.out, mbus.SND_UD, mbus.ANY, 2400)
        self.assertEqual(self._sent(n), CONTROL_FRAME)
        self.assertEqual(mbus_set.baud(self.out, mbus.SND_UD, mbus.ANY, 1000), 0)

    def test_primary_address(self):
        n = mbus_set.primary(self.out, mbus.SND_UD, mbus.ANY, 8)
        self.assertEqual(self._sent(n), bytes.fromhex("6806066853FE51017A082516"))
        self.assertEqual(mbus_set.primary(self.out, mbus.SND_UD, mbus.ANY, 251), 0)

    def test_identification(self):
        n = mbus_set.identification(self.out, mbus.SND_UD, mbus.ANY, 12345678)
        self.assertEqual(self._sent(n)[7:13], bytes.fromhex("0C7978563412"))
        self.assertEqual(mbus_set.identification(self.out, mbus.SND_UD, mbus.ANY, 10**8), 0)

    def test_time(self):
        # 2011-09-01 13:42, with its century.
        n = mbus_set.time(self.out, mbus.SND_UD, 1, 2011, 9, 1, 13, 42)
        self.assertEqual(self._sent(n)[7:13], bytes.fromhex("046D2A2D6119"))

    def test_selection(self):
        secondary = bytes.fromhex("78563412") + bytes.fromhex("24400107")
        n = mbus_select.select(self.out, secondary)
        wanted = bytes.fromhex("680B0B6853FD527856341224400107")
        self.assertEqual(self._sent(n)[:-2], wanted)
        n = mbus_select.select(self.out, mbus_select.ANYONE, bytes.fromhex("01020304"))
        self.assertEqual(
            self._sent(n)[:-2],
            bytes.fromhex("6811116853FD52FFFFFFFFFFFFFFFF0C7801020304"),
        )
        self.assertEqual(self._sent(mbus_select.deselect(self.out)), bytes.fromhex("1040FD3D16"))

    def test_who_is_selected(self):
        header = bytes.fromhex("7856341224400107")
        for secondary, wanted in (
            ("7856341224400107", True),
            ("FFFFFFFFFFFFFFFF", True),
            ("FFFF341224400107", True),
            ("F8F6F4F2FFFFFFFF", True),
            ("8F6F4F2FFFFFFFFF", False),
            ("7F5F3F1FFFFFFFFF", True),
            ("7856341324400107", False),
            ("7856341224400108", False),
            ("FFFFFFFF2440FFFF", True),
            ("FFFFFFFF2441FFFF", False),
        ):
            self.assertEqual(mbus_select.matches(bytes.fromhex(secondary), header), wanted)
