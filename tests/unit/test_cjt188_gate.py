import unittest

from converter.link import cjt188, cjt188_gate, mbus
from converter.link.cjt188_gate import GAS, OPENING, PART, SYNC, VALVE
from converter.meters import cjt188_services as services
from telegrams import hexa

_METER = hexa("78563412111111")
_DIALECTS = (0, services.MIRRORED, services.SHIFTED, services.MIRRORED | services.SHIFTED)


def _frame(kind, di, data, dialect=0):
    """By the services' own builder, with preamble; `kind` patched in behind its back."""
    out = bytearray(40)
    n = services.request(out, 0x10, _METER, di, 1, dialect, data)
    out[4] = kind
    out[n - 2] = sum(out[3 : n - 2]) & 0xFF
    return bytes(out[:n])


def _what(raw):
    return cjt188_gate.judge(raw)[0]


class Gate(unittest.TestCase):
    def test_valve_and_sync_in_every_dialect(self):
        for dialect in _DIALECTS:
            close = _frame(0x10, services.VALVE, b"\x99", dialect)
            self.assertEqual(_what(close), VALVE)
            self.assertEqual(_what(_frame(0x30, services.VALVE, b"\x99", dialect)), VALVE)
            opened = _frame(0x20, services.VALVE, b"\x55", dialect)
            self.assertEqual(_what(opened), VALVE | OPENING)
            for kind in (0x30, 0x39, 0xAA):
                opened = _frame(kind, services.VALVE, b"\x55", dialect)
                self.assertEqual(_what(opened), VALVE | OPENING | GAS)
            sync = _frame(0x10, services.SYNC, hexa("000012342c"), dialect)
            self.assertEqual(_what(sync), SYNC)

    def test_a_sync_with_another_identifier_is_one(self):
        raw = bytearray(_frame(0x10, services.SYNC, hexa("000012342c")))
        raw[14:16] = b"\x12\x34"
        raw[-2] = sum(raw[3:-2]) & 0xFF
        self.assertEqual(_what(raw), SYNC)

    def test_wherever_it_begins_and_whatever_its_checksum(self):
        opened = bytearray(_frame(0x30, services.VALVE, b"\x55"))
        opened[-2] ^= 0xFF
        for before in (b"", b"\x68", b"\x68\x10\x68", _frame(0x10, services.PRICES, b"")):
            what, at = cjt188_gate.judge(before + opened)
            self.assertTrue(what & GAS)
            self.assertEqual(cjt188_gate.number(before + opened, at), 0x12345678)

    def test_what_reads_or_writes_something_else_is_free(self):
        for dialect in _DIALECTS:
            for di, data in ((services.CURRENT, b""), (services.STANDARD_TIME, bytes(7))):
                self.assertEqual(_what(_frame(0x30, di, data, dialect)), 0)
        answer = bytearray(_frame(0x30, services.VALVE, b"\x55"))
        answer[12] |= cjt188.ANSWER
        self.assertEqual(_what(answer), 0)

    def test_no_frame_goes_in_parts(self):
        whole = _frame(0x30, services.VALVE, b"\x55")[3:]
        for n in range(1, len(whole)):
            self.assertTrue(_what(whole[:n]) & PART, n)
        self.assertTrue(_what(_frame(0x10, services.VALVE, b"\x55")[:-1]) & PART)

    def test_frames_of_other_links_are_whole(self):
        out = bytearray(300)
        for n in range(252):
            size = mbus.close(out, mbus.SND_UD, 1, 0x51, n)
            self.assertEqual(_what(out[:size]) & PART, 0, n)
        self.assertEqual(_what(hexa("1040014116")), 0)
        # DL/T 645 of a meter whose address ends with 30, and a meter outside the standards.
        self.assertEqual(_what(hexa("fefefefe683000000000006811043333343348")), PART)
        body = hexa("6830000000000068110433333433")
        self.assertEqual(_what(body + bytes((sum(body) & 0xFF, 0x16))), 0)
        self.assertEqual(_what(hexa("6812ed680116")), 0)
