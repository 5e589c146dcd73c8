import unittest
from binascii import unhexlify

import stations
from block_cipher import encryptor
from converter.codec.cmac import cmac, count
from converter.link import dlt645
from converter.model import calendar, change, quantity, unit
from converter.model.point import MeteringPoint
from converter.station.sealed import SealedStation
from converter.store.parameters import Parameters
from memory_keeper import MemoryKeeper
from requesting import ask, frame, wire

CONVERTER, WATER = "000000000001", "000000000301"
ALL, ANY = "999999999999", "AAAAAAAAAAAA"
SERIAL = b"SB26000001"
KEY = unhexlify("000102030405060708090a0b0c0d0e0f")
BY = b"\x04\0\0\0\x78\x56\x34\x12"
CLOCK = wire("0400010C") + BY + unhexlify("59582302311230")
INDEX = wire("00010000")
DENIED = b"\x04"

_ROWS = bytes(
    (0x0C, 0x01, 0x00, 0x04, change.CLOCK, 4, 7, 16)
    + (0x01, 0x04, 0x00, 0x04, change.ADDRESS, 4, 6, 16)
)
_TABLE = stations.row("00010000", quantity.VOLUME, 4, 14, unit.M3)
_SERVICES = (
    ("address", ()),
    ("read", (_TABLE, ())),
    ("write", (_ROWS,)),
    ("write_address", ()),
    ("freeze", ()),
    ("broadcast_time", ()),
)


def derived(key, serial):
    encrypt = encryptor(key)
    return encryptor(cmac(encrypt, b"\1" + serial)), encryptor(cmac(encrypt, b"\2" + serial))


class Keys:
    """As app.sealing."""

    def __init__(self, home):
        self._home = home

    def load(self):
        found = self._home.change("sealing")
        if not found:
            return None
        return derived(found[0], SERIAL) + found[1:]

    def keep(self, end):
        self._home.change("keep_counters", end)


class Client:
    """Who has the key."""

    def __init__(self, key=KEY, serial=SERIAL):
        self._mac, self._enc = derived(key, serial)

    def seal(self, address, control, data, counter, direction=0):
        head = bytes((direction,)) + wire(address)
        number = counter.to_bytes(4, "little")
        data = number + count(self._enc, head + number, data)
        data += cmac(self._mac, head + bytes((control,)) + data)[:8]
        return frame(address, control, data)

    def open(self, answer, counter, direction=1):
        # (control, address, plain data)
        control, address, data = answer
        head = bytes((direction,)) + wire(address)
        assert data[:4] == counter.to_bytes(4, "little")
        assert cmac(self._mac, head + bytes((control,)) + data[:-8])[:8] == data[-8:]
        return control, address, count(self._enc, head + data[:4], data[4:-8])


class Bench(unittest.TestCase):
    of_all = False
    key = KEY

    def setUp(self):
        self.keeper = MemoryKeeper()
        self.client = Client()
        self.out = bytearray(dlt645.MAX_FRAME)
        if self.key:
            self.parameters().set_key(self.key)
        self.start()

    def parameters(self):
        found = Parameters(self.keeper, b"ours")
        found.load()
        return found

    def start(self):
        water = MeteringPoint(wire(WATER), bytes((quantity.VOLUME,)), 0)
        water.publish(quantity.VOLUME, 123456, -2, unit.M3, 0)
        points = [MeteringPoint(wire(CONVERTER), b"", 0), water]
        self.home = stations.WritableHome(points, self.keeper)
        self.station = stations.build(self.home, 0, _SERVICES, self.make)

    def make(self, *args):
        return SealedStation(*args, Keys(self.home), self.of_all)

    def ask(self, request):
        return ask(self.station, request, self.out)

    def sealed(self, address, control, data, counter):
        got = self.ask(self.client.seal(address, control, data, counter))
        return got and self.client.open(got, counter)

    def next_told(self, address, control, data, counter):
        got = self.ask(self.client.seal(address, control, data, counter))
        told = self.client.open(got, counter, 2)
        self.assertEqual(told[:2], (control | 0xC0, address))
        self.assertEqual(told[2][:1], DENIED)
        return int.from_bytes(told[2][1:], "little")


class Writes(Bench):
    def test_sealed(self):
        self.assertEqual(self.sealed(CONVERTER, 0x14, CLOCK, 5), (0x94, CONVERTER, b""))
        self.assertEqual(calendar.from_seconds(self.home.time_s())[:3], (2030, 12, 31))
        self.assertTrue(len(CLOCK) + 12 <= 50)

    def test_an_error_is_sealed_too(self):
        wrong = CLOCK[:5] + b"\x09" + CLOCK[6:]
        self.assertEqual(self.sealed(CONVERTER, 0x14, wrong, 5), (0xD4, CONVERTER, DENIED))

    def test_a_new_address_answers(self):
        self.home.access.open(0, 300, 1)
        new = wire("000000000777")
        got = self.ask(self.client.seal(ANY, 0x15, new, 5))
        self.assertEqual(self.client.open(got, 5), (0x95, "000000000777", b""))

    def test_plain_ones_are_refused(self):
        before = self.home.time_s()
        self.home.access.open(0, 300, 1)
        for control, address, data, expected in (
            (0x14, CONVERTER, CLOCK, DENIED),
            (0x16, CONVERTER, b"\x99" * 4, DENIED),
            (0x15, ANY, wire("000000000777"), None),
            (0x16, ALL, b"\x99" * 4, None),
            (0x08, ALL, unhexlify("105900122503"), None),
            (0x08, CONVERTER, unhexlify("100012250326"), None),
            (0x1F, CONVERTER, b"\x08\x68", DENIED),
        ):
            got = self.ask(frame(address, control, data))
            self.assertEqual(got, expected and (control | 0xC0, address, expected))
        self.assertEqual(self.home.time_s(), before)
        self.assertIsNone(self.home.freezer.past(1, 4, 1))

    def test_plain_reads_are_answered_and_sealed_ones_sealed(self):
        plain = (0x91, WATER, INDEX + b"\x56\x34\x12\x00")
        self.assertEqual(self.ask(frame(WATER, 0x11, INDEX)), plain)
        self.assertEqual(self.sealed(WATER, 0x11, INDEX, 5), plain)
        self.assertEqual(self.ask(frame(ANY, 0x13))[0], 0x93)

    def test_other_keys_and_serials(self):
        for other in (Client(bytes(16)), Client(serial=b"SB26000002")):
            got = self.ask(other.seal(CONVERTER, 0x14, CLOCK, 5))
            self.assertEqual(got, (0xD4, CONVERTER, DENIED))

    def test_a_new_key(self):
        self.sealed(CONVERTER, 0x14, CLOCK, 5000)
        self.home.change("set_key", (0, 0), bytes(16))
        self.station.rekey()
        got = self.ask(self.client.seal(CONVERTER, 0x14, CLOCK, 6000))
        self.assertEqual(got, (0xD4, CONVERTER, DENIED))
        self.client = Client(bytes(16))
        self.assertEqual(self.sealed(CONVERTER, 0x14, CLOCK, 0)[0], 0x94)


class All(Bench):
    of_all = True

    def test_nothing_but_the_address_is_read_in_clear(self):
        self.assertEqual(self.ask(frame(WATER, 0x11, INDEX)), (0xD1, WATER, DENIED))
        self.assertEqual(self.ask(frame(ANY, 0x13))[0], 0x93)
        got = self.sealed(WATER, 0x11, INDEX, 5)
        self.assertEqual(got, (0x91, WATER, INDEX + b"\x56\x34\x12\x00"))
        self.assertEqual(self.sealed(WATER, 0x11, wire("00020000"), 6), (0xD1, WATER, b"\x02"))


class WithoutAKey(Bench):
    key = None

    def test_everything_sealed_is_refused(self):
        for request in (
            self.client.seal(CONVERTER, 0x14, CLOCK, 5),
            frame(CONVERTER, 0x14, CLOCK),
        ):
            self.assertEqual(self.ask(request), (0xD4, CONVERTER, DENIED))
        self.assertEqual(self.ask(frame(WATER, 0x11, INDEX))[0], 0x91)


class Counters(Bench):
    def test_only_rising_and_each_once(self):
        for counter in (0, 1, 7, 255, 256, 70000):
            self.assertEqual(self.sealed(WATER, 0x11, INDEX, counter)[0], 0x91)
            for used in (0, counter // 2, counter):
                self.assertEqual(self.next_told(WATER, 0x11, INDEX, used), counter + 1)

    def test_after_a_reset_only_higher_ones_than_were_kept_ahead(self):
        self.sealed(WATER, 0x11, INDEX, 5)
        commits = self.keeper.files["parameters"]
        for counter in range(6, 5 + 256):
            self.sealed(WATER, 0x11, INDEX, counter)
        self.assertTrue(self.keeper.files["parameters"] is commits)
        self.start()
        for used in (5, 6, 260):
            self.assertEqual(self.next_told(WATER, 0x11, INDEX, used), 261)
        self.assertEqual(self.sealed(WATER, 0x11, INDEX, 261)[0], 0x91)
        self.start()
        self.assertEqual(self.next_told(WATER, 0x11, INDEX, 262), 261 + 256)

    def test_that_cannot_be_kept(self):
        self.keeper.fails = "before"
        got = self.ask(self.client.seal(WATER, 0x11, INDEX, 5))
        self.assertEqual(got, (0xD1, WATER, b"\x01"))
        self.keeper.fails = None
        self.assertEqual(self.sealed(WATER, 0x11, INDEX, 5)[0], 0x91)

    def test_the_last_ones(self):
        self.assertEqual(self.sealed(WATER, 0x11, INDEX, 0xFFFFFE00)[0], 0x91)
        self.start()
        for counter in (0xFFFFFE01, 0xFFFFFFFF):
            self.assertEqual(self.next_told(WATER, 0x11, INDEX, counter), 0xFFFFFF00)


class Attacks(Bench):
    def refused(self, request, before):
        got = self.ask(request)
        self.assertEqual(self.home.time_s(), before)
        return got

    def test_every_bit_flipped(self):
        before = self.home.time_s()
        sound = self.client.seal(CONVERTER, 0x14, CLOCK, 5)
        for bit in range(8 * 1, 8 * (len(sound) - 2)):
            spoilt = bytearray(sound)
            spoilt[bit // 8] ^= 1 << bit % 8
            spoilt[-2] = sum(spoilt[:-2]) & 0xFF
            if dlt645.frame_len(spoilt, 0, len(spoilt)) == len(spoilt):
                got = self.refused(bytes(spoilt), before)
                self.assertTrue(got is None or got[2] == DENIED, bit)
        self.assertEqual(self.sealed(CONVERTER, 0x14, CLOCK, 5)[0], 0x94)

    def test_every_truncation(self):
        before = self.home.time_s()
        data = self.client.seal(CONVERTER, 0x14, CLOCK, 5)[10:-2]
        for n in range(len(data)):
            for part in (data[:n], data[len(data) - n :]):
                got = self.refused(frame(CONVERTER, 0x14, part, 0), before)
                self.assertEqual(got, (0xD4, CONVERTER, DENIED))

    def test_replayed_reflected_and_sent_elsewhere(self):
        sound = self.client.seal(CONVERTER, 0x14, CLOCK, 5)
        answer = self.ask(sound)
        before = self.home.time_s()
        for _ in range(3):
            got = self.refused(sound, before)
            self.assertEqual(self.client.open(got, 5, 2)[2], DENIED + b"\6\0\0\0")
            self.start()
            before = self.home.time_s()
            got = self.refused(sound, before)
            self.assertEqual(self.client.open(got, 5, 2)[2], DENIED + b"\5\1\0\0")
            self.station._next = 6
        data = sound[10:-2]
        self.assertEqual(self.refused(frame(WATER, 0x14, data, 0), before)[2], DENIED)
        self.assertEqual(self.refused(frame(CONVERTER, 0x18, data, 0), before)[2], DENIED)
        reflected = frame(CONVERTER, 0x14, answer[2])
        self.assertEqual(self.refused(reflected, before)[2], DENIED)

    def test_no_keystream_is_used_twice(self):
        # What a used counter is told must not uncover what it once asked for.
        first = self.ask(self.client.seal(WATER, 0x11, INDEX, 5))
        again = self.ask(self.client.seal(WATER, 0x11, INDEX, 5))
        told = self.client.open(again, 5, 2)[2]
        uncovered = bytes([first[2][4 + i] ^ again[2][4 + i] ^ told[i] for i in range(5)])
        self.assertFalse(uncovered == INDEX + b"\x56")
