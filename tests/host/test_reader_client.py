"""The reader's client on a line in memory: which frames it takes for an answer, and which not."""

import os
import threading
import tty

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sibiao.reader.client import Client, Sealing
from sibiao.reader.exchange import ErrorWord, Exchange, NoAnswer, Request, opened_plain
from sibiao.reader.line import UplinkPort
from sibiao.reader.sealed import Seal
from sibiao.sim.uplink.dlt645_reading import made_frame, plain_data

ME, OTHER, DI = "000000000301", "000000000302", "00010000"
WIRE = bytes.fromhex(DI)[::-1]
GOOD = made_frame(ME, 0x91, WIRE + bytes.fromhex("50341200"))


class ScriptedLine:
    """Each request gets the next of the scripted answers, in pieces of two bytes."""

    settings = "2400 baud 8E1"

    def __init__(self, *answers):
        self.sent = []
        self._answers = list(answers)

    def exchange(self, sent, exchange):
        self.sent.append(sent.lstrip(b"\xfe"))
        heard = self._answers.pop(0) if self._answers else b""
        if callable(heard):
            heard = heard(self.sent[-1])
        for at in range(0, len(heard), 2) if exchange else ():
            if answer := exchange.hear(heard[at : at + 2]):
                return answer
        return None


def test_what_stands_around_an_answer_is_no_matter():
    echo = made_frame(ME, 0x11, WIRE)
    line = ScriptedLine(b"\xfe\xfe" + echo + b"\x68\x00\xfe\xfe" + GOOD)
    assert Client(line).read(ME, DI) == bytes.fromhex("50341200")
    assert line.sent == [echo]


@pytest.mark.parametrize(
    "frame, why",
    [
        (b"", "no answer"),
        (b"\xfe" * 4 + made_frame(ME, 0x11, WIRE), "no answer"),
        (GOOD[:-2] + bytes((GOOD[-2] ^ 1, 0x16)), "a damaged answer (20 bytes)"),
        (GOOD[:-1], "a damaged answer (19 bytes)"),
        (made_frame(OTHER, 0x91, WIRE + bytes(4)), f"an answer of {OTHER} only"),
        (made_frame(ME, 0x94), "another request only (control 94)"),
        (made_frame(ME, 0x91, b"\1" + WIRE[1:] + bytes(4)), "does not fit (DI 00010001)"),
        (made_frame(ME, 0xD1, b"\1\2"), "an error answer of 2 bytes"),
    ],
)
def test_what_is_no_answer_is_asked_for_again_and_told(frame, why):
    line = ScriptedLine(frame, frame, frame)
    with pytest.raises(NoAnswer) as told:
        Client(line).read(ME, DI)
    assert why in str(told.value) and str(told.value).startswith(f"{ME}: ")
    assert len(line.sent) == 3
    assert Client(ScriptedLine(frame, GOOD)).read(ME, DI) == bytes.fromhex("50341200")


def test_an_error_word_is_said_in_words_and_not_asked_again():
    line = ScriptedLine(made_frame(ME, 0xD1, b"\x04"), GOOD)
    with pytest.raises(ErrorWord, match=r"refuses \(error 04\): not authorised"):
        Client(line).read(ME, DI)
    assert len(line.sent) == 1


def test_a_block_is_followed_up_and_a_wrong_seq_is_no_answer():
    first = made_frame(ME, 0xB1, WIRE + b"\1\2")
    second = made_frame(ME, 0xB2, WIRE + b"\3\4\1")
    third = made_frame(ME, 0x92, WIRE + b"\5\2")
    line = ScriptedLine(first, second, second, third)
    assert Client(line).read(ME, DI) == bytes((1, 2, 3, 4, 5))
    seqs = [plain_data(frame)[4:] for frame in line.sent]
    assert seqs == [b"", b"\1", b"\2", b"\2"]


def test_services_as_they_stand_on_the_wire():
    acknowledged = [
        made_frame(ME, 0x94),
        made_frame(OTHER, 0x95),
        made_frame(ME, 0x96),
        made_frame(ME, 0x98, b"\x04\x01\x02\x03"),
        made_frame(ME, 0x9B),
    ]
    line = ScriptedLine(*acknowledged)
    client, by = Client(line), b"\4\0\0\0"
    client.write(ME, "04000B01", bytes.fromhex("1205"), by, "12345678")
    client.write_address(OTHER)
    client.freeze(ME)
    client.set_password(ME, 4, by, b"\1\2\3")
    client.clear_events(ME, by, "00000001")
    told = [(frame[8], plain_data(frame).hex()) for frame in line.sent]
    assert told == [
        (0x14, "010b00040400000078563412" + "1205"),
        (0x15, "020300000000"),
        (0x16, "99999999"),
        (0x18, "050c0004" + "04000000" + "04010203"),
        (0x1B, "04000000" + "01000000" + "ffffffff"),
    ]


@pytest.mark.parametrize("ask", [lambda c: c.freeze(ME), lambda c: c.set_password(
    ME, 4, b"\4\0\0\0", b"\1\2\3")])  # fmt: skip
def test_what_must_not_happen_twice_is_asked_once(ask):
    line = ScriptedLine()
    with pytest.raises(NoAnswer, match="asked once; it may have been done"):
        ask(Client(line))
    assert len(line.sent) == 1


def test_each_sealed_try_has_a_counter_of_its_own_and_a_plain_value_is_none():
    line = ScriptedLine(GOOD, b"", GOOD)
    client = Client(line, sealing=Sealing(Seal(bytes(16), "SB26000001")))
    with pytest.raises(NoAnswer, match="no sealed answer"):
        client.read(ME, DI)
    counters = [plain_data(frame)[:4] for frame in line.sent]
    assert len(set(counters)) == 3
    refusing = ScriptedLine(made_frame(ME, 0xD1, b"\x04"))
    with pytest.raises(ErrorWord):
        Client(refusing, sealing=Sealing(Seal(bytes(16), "SB26000001"))).read(ME, DI)


@given(st.binary(max_size=40), st.binary(max_size=40))
@example(b"\x68", b"")
@example(GOOD[:12], b"")
def test_noise_neither_hides_nor_makes_an_answer(before, after):
    request = Request(ME, 0x11, b"", lambda answer: None, opened_plain)
    exchange = Exchange(request)
    assert exchange.hear(before) is None
    answer = exchange.hear(GOOD + after)
    assert answer is not None and answer.data == WIRE + bytes.fromhex("50341200")


def test_over_a_pseudo_terminal():
    near, far = os.openpty()
    tty.setraw(far)

    def answering():
        heard = b""
        while not heard.endswith(b"\x16"):
            heard += os.read(near, 100)
        os.write(near, heard[-4:] + GOOD[:9])
        os.write(near, GOOD[9:])

    station = threading.Thread(target=answering, daemon=True)
    station.start()
    with UplinkPort(os.ttyname(far), 9600) as line:
        assert Client(line, tries=1).read(ME, DI) == bytes.fromhex("50341200")
        with pytest.raises(NoAnswer, match="no answer at 9600 baud 8E1, asked once"):
            Client(line, tries=1).read(ME, DI)
    station.join(5)
    os.close(near)
    os.close(far)
