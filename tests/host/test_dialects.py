"""Each way in which CJ/T 188 meters differ (DI order, unit first, orders of bytes, +33H, decimals,
absent patterns, reply types, clock order, short answers, functions, trailing bytes) said in a
profile's keys: from there to what the device keeps of an answer, and to what it asks."""

import pytest
from converter.link import cjt188
from converter.link.framer import Framer
from converter.meters import cjt188 as decoder
from converter.model import unit
from converter.model.point import MeteringPoint
from sibiao.config import load, schema, terms
from sibiao.config.device import layouts

from tests.unit.feeding import arrive

NUMBER = "00000020120218"


def profile(name="water-cjt188-901f", **changes):
    """A shipped profile with other keys; tables are changed key by key."""
    made = load.read("meters", name).model_dump(by_alias=True)
    for key, value in changes.items():
        made[key] = made[key] | value if isinstance(value, dict) else value
    return schema.Cjt188Meter.model_validate(made)


def field(quantity, offset, form=None, **keys):
    return {"quantity": quantity, "offset": offset, "format": form} | keys


def asked(meter, number=NUMBER):
    out = bytearray(40)
    address = layouts.wire_address(meter, number)
    n = cjt188.read_request(out, int(meter.request.type, 16), address, layouts.ask(meter), 7)
    return bytes(out[3:n])


def closed(plain):
    return plain + bytes((sum(plain) & 0xFF, 0x16))


def answer_to(request, body, kind=None, number=None, function=None):
    """Made here, not by the firmware: the request's fields and a body."""
    head = bytearray(request[:14])
    head[1] = request[1] if kind is None else kind
    head[2:9] = number or head[2:9]
    head[9] = (head[9] if function is None else function) | 0x80
    data = bytes.fromhex(body)
    head[10] = 3 + len(data)
    return closed(bytes(head) + data)


def kept(meter, body, trailing=b"", **other):
    """Quantity -> (value, exponent, unit) after a poll, or None when the answer is none to us."""
    request = asked(meter)
    wire = b"\xfe\xfe" + answer_to(request, body, **other) + trailing
    (frame,) = arrive(Framer(cjt188.frame_len, 300), wire, 4, False)
    if cjt188.accept(request, frame) != cjt188.SOUND:
        return None
    rows = layouts.layout_rows(meter, "changed")
    point = MeteringPoint(bytes(6), bytes(row[0] for row in rows), 0)
    if not decoder.read_values(layouts.layout(meter, "changed"), frame, point, 0):
        return None
    names = [f.quantity for f in meter.fields]
    slots = [point.slot(terms.QUANTITIES[name]) for name in names]
    said = [(point.value(s), point.exponent(s), point.unit(s)) for s in slots]
    return dict(zip(names, said, strict=True))


def only(**dialect):
    """A meter whose answer is one volume and its unit."""
    return profile(
        fields=[field("volume", 0, "XXXXXX.XX")], answer={"body_bytes": 5}, dialect=dialect
    )


M3 = (123456, -2, unit.M3)


@pytest.mark.parametrize(("di", "wire"), [("901F", b"\x90\x1f"), ("1F90", b"\x1f\x90")])
def test_1_order_of_the_identifier(di, wire):
    meter = profile(
        request={"di": di}, fields=[field("volume", 0, "XXXXXX.XX")], answer={"body_bytes": 5}
    )
    assert asked(meter)[11:13] == wire
    assert kept(meter, "563412002C")["volume"] == M3


def test_2_unit_before_its_number():
    meter = profile(
        fields=[field("volume", 1, "XXXXXX.XX")],
        answer={"body_bytes": 5},
        dialect={"unit_position": "before"},
    )
    assert kept(meter, "2C56341200")["volume"] == M3


def test_3_address_and_numbers_high_byte_first():
    assert asked(only())[2:9].hex() == "18021220000000"
    assert asked(only(address_order="high first"))[2:9].hex() == NUMBER
    assert kept(only(number_order="high first"), "001234562C")["volume"] == M3


def test_4_33_added_to_the_data():
    meter = only(data_plus_33=True)
    assert asked(meter)[11:13] == b"\xc3\x52"
    assert kept(meter, "896745335F")["volume"] == M3


def test_5_no_decimals():
    meter = profile(fields=[field("volume", 0, "XXXXXXXX")], answer={"body_bytes": 5})
    assert kept(meter, "4770010029")["volume"] == (17047, -3, unit.M3)


def test_6_clock_high_byte_first():
    clock = {"fields": [field("meter_time", 0)], "answer": {"body_bytes": 7}}
    low, high = profile(**clock), profile(**clock, dialect={"clock_order": "high first"})
    assert kept(low, "24582028052020")["meter_time"][0] == 20200528205824
    assert kept(high, "20200528205824")["meter_time"][0] == 20200528205824
    assert kept(high, "24582028052020")["meter_time"][0] is None


@pytest.mark.parametrize(
    ("absent", "body", "value"),
    [
        ([], "999999992C", 99999999),
        (["99"], "999999992C", None),
        ([], "000000002C", 0),
        (["00"], "000000002C", None),
        ([], "FFFFFFFF2C", None),  # never a number in BCD
        (["FF"], "FFFFFFFF2C", None),
        (["99", "00"], "999999002C", 999999),
    ],
)
def test_7_what_says_not_available(absent, body, value):
    assert kept(only(absent=absent), body)["volume"][0] == value


def test_8_a_new_meters_unit():
    assert kept(only(), "0000000000")["volume"][0] is None
    assert kept(only(unit_of_zero="m3"), "0000000000")["volume"] == (0, -2, unit.M3)
    assert kept(only(unit_of_zero="m3"), "0100000000")["volume"][0] is None


@pytest.mark.parametrize(
    ("form", "bytes_", "body", "said"),
    [
        ("XXXXXX.XX", 4, "56341200", M3),  # L = 7
        ("XXXXX.X", 3, "563412", (123456, -1, unit.M3)),  # L = 6
    ],
)
def test_9_short_answers_without_a_unit(form, bytes_, body, said):
    meter = profile(fields=[field("volume", 0, form, unit="m3")], answer={"body_bytes": bytes_})
    assert kept(meter, body)["volume"] == said
    assert kept(meter, body + "2C") is None
    assert kept(meter, body[2:]) is None


def test_9_whole_answers_that_are_binary_in_tens_of_litres():
    tens = {"coding": "binary", "unit": "m3"}
    fields = [
        field("volume", 0, "XXXXXX.XX", **tens),
        field("settlement_volume", 5, "XXXXXX.XX", **tens),
        field("meter_status", 17),
    ]
    meter = profile(fields=fields, answer={"body_bytes": 19}, dialect={"absent": ["FF"]})
    said = kept(meter, "40E201002C FFFFFFFF2C 00000000000000 0400".replace(" ", ""))
    assert said["volume"] == M3
    assert said["settlement_volume"][0] is None
    assert said["meter_status"][0] == 4


def test_10_another_type_answers():
    meter = only()
    assert kept(meter, "563412002C", kind=0x25)["volume"] == M3
    assert asked(profile(request={"type": "AA"}))[1] == 0xAA
    assert kept(profile(request={"type": "AA"}), "00" * 19, kind=0x10) is not None


def test_11_digits_of_the_address_filled_with_f():
    meter = profile("heat-cjt188-huizhong")
    request = asked(meter, "20691530F1FFFF")
    assert request[2:9].hex() == "fffff130156920"
    zeros = answer_to(request, "00" * 43, number=bytes.fromhex("00000130156920"))
    assert cjt188.accept(request, zeros) == cjt188.SOUND
    other = answer_to(request, "00" * 43, number=bytes.fromhex("00000230156920"))
    assert cjt188.accept(request, other) == cjt188.NOT_OURS


def test_12_bytes_behind_the_frame():
    meter = profile(
        fields=[field("volume", 0, "XXXXXX.XX")], answer={"body_bytes": 5, "trailing_bytes": 2}
    )
    assert kept(meter, "563412002C", b"\x52\x4f")["volume"] == M3


def test_13_another_function():
    meter = profile(
        request={"function": "21"},
        fields=[field("volume", 0, "XXXXXX.XX")],
        answer={"body_bytes": 5},
    )
    assert asked(meter)[9] == 0x21
    assert kept(meter, "563412002C")["volume"] == M3
    assert kept(meter, "563412002C", function=0x01) is None


def test_14_a_wrong_checksum_is_refused_all_the_same():
    frame = bytearray(answer_to(asked(only()), "563412002C"))
    frame[-2] ^= 1
    assert arrive(Framer(cjt188.frame_len, 300), bytes(frame), 4) == []


def test_a_status_of_one_byte():
    meter = profile(fields=[field("meter_status", 0, status_bytes=1)], answer={"body_bytes": 1})
    assert kept(meter, "07")["meter_status"][0] == 7
