"""What the services of the uplinks say, explained: frames that the stations themselves made."""

import pytest
from converter.model import events
from sibiao.explain import auto, dlt645
from sibiao.reader.sealed import Seal
from sibiao.sim.uplink.dlt645_reading import made_frame

from tests.fuzz import csg
from tests.host import shipped
from tests.unit.memory_keeper import MemoryKeeper
from tests.unit.requesting import request

OWN, HEAT = "000000000001", "000000000302"
BY = bytes.fromhex("0400000078563412")
READ_188 = bytes.fromhex("68205121311700111101031F90213816")


def di(text):
    return bytes.fromhex(text)[::-1]


def asked(home, frame):
    out = bytearray(256)
    n = home.station.handle(memoryview(frame), out)
    return bytes(out[:n])


def whole(found, data):
    """Every byte in one span, all understood."""
    assert found.valid and "".join(span.raw for span in found.spans) == data.hex().upper()
    assert all(span.understood for span in found.spans), found.spans
    return {record.quantity: record.value for record in found.records}


@pytest.fixture
def reporting():
    home = shipped.ShippedHome("report", MemoryKeeper())
    for code in (events.CLOCK_LOST, events.GAP, events.GAP):
        home.record_event(code, 1, 77)
    for _ in range(3):
        home.uptime_s += 1
        home.rest()
    return home


def test_the_status_word_names_its_bits(reporting):
    answer = asked(reporting, made_frame(OWN, 0x11, di("04001501")))
    told = whole(dlt645.explain(answer, "report"), answer)
    word = told.pop("status_word")
    assert word[::-1].index("1") == 7 and word.count("1") == 2 and len(word) == 96
    assert told == {"clock-lost": "1", "gap": "2"}
    # Without a profile its bits have numbers.
    assert whole(dlt645.explain(answer), answer)["bit_80"] == "2"
    reporting.station._services[1]._separated = True
    answer = asked(reporting, made_frame(OWN, 0x11, di("04001501")))
    assert whole(dlt645.explain(answer, "report"), answer)["gap"] == "2"
    # One counter too few is no status word.
    cut = made_frame(OWN, 0x91, bytes((b - 0x33) & 0xFF for b in answer[10:-5]))
    assert [r.quantity for r in dlt645.explain(cut, "report").records] == ["unknown"]
    acknowledged = made_frame(OWN, 0x14, di("04001503") + BY + bytes(12))
    assert whole(dlt645.explain(acknowledged), acknowledged) == {"status_bits_kept": "0" * 96}


def test_events_are_named(reporting):
    answer = asked(reporting, made_frame(OWN, 0x11, di("E0005000")))
    told = whole(dlt645.explain(answer, "report"), answer)
    assert (told["events_waiting"], told["event"], told["event_value"]) == (
        "3",
        "clock-lost",
        "77",
    )
    assert told["event_time"] == "2026-03-25T12:00:00"
    number = int(told["event_number"])
    write = made_frame(OWN, 0x14, di("E0005000") + BY + bytes((number,)) + bytes(4))
    assert whole(dlt645.explain(write, "report"), write) == {"event_number": str(number)}
    for _ in range(3):
        found = reporting.reports().oldest()
        reporting.reports().acknowledge(found[0])
    answer = asked(reporting, made_frame(OWN, 0x11, di("E0005000")))
    told = whole(dlt645.explain(answer, "report"), answer)
    assert told == {"events_waiting": "0", "events_lost": "0"}
    # Whose profile has no reports does not know them.
    assert not all(span.understood for span in dlt645.explain(answer, "plc").spans)


def test_the_valve():
    frame = made_frame(OWN, 0x14, di("E002F000") + BY + b"\x55")
    found = dlt645.explain(frame, "clou-2016")
    assert whole(found, frame) == {"valve": "open"} and found.records[0].subunit == 2
    assert not all(span.understood for span in dlt645.explain(frame, "plc").spans)


def test_pass_through_and_what_is_inside():
    home = shipped.ShippedHome("clou-2016", MemoryKeeper())
    wire = bytes.fromhex(OWN)[::-1]
    frame = request(wire, 0x1F, b"\x08" + READ_188, 0)
    found = dlt645.explain(frame)
    whole(found, frame)
    assert any(span.meaning.startswith("CJ/T 188: ") for span in found.spans)
    refused = asked(home, request(wire, 0x1F, b"\x08" + READ_188[:-1], 0))
    spans = {span.meaning: span.value for span in dlt645.explain(refused).spans}
    assert spans["extension"] == "CJ/T 188 frame, error"
    for data in ("0902161004", "0903161004000A"):
        frame = request(wire, 0x1F, bytes.fromhex(data), 0)
        answer = asked(home, frame)
        for one in (frame, answer):
            whole(dlt645.explain(one), one)
    assert "meter: type and address" in [s.meaning for s in dlt645.explain(answer).spans]


def test_a_module_s_frames_are_called_so():
    frame = csg.made(0x21, "EA062101")
    found = auto.explain(frame)
    assert not found.valid and "the CSG collector interface" in found.error
    inner = made_frame(OWN, 0x13)
    found = auto.explain(csg.inside(inner))
    assert found.valid and found.link == "dlt645"
    around = [
        s for s in found.spans if s.meaning == "the CSG collector interface: around the frame"
    ]
    assert [len(s.raw) // 2 for s in around] == [24, 2]
    # Noise around a frame is noise.
    assert "no part of it" in auto.explain(b"\x01\x02" + inner).spans[0].meaning


def test_sealed_frames_are_said_to_be():
    seal = Seal(shipped.KEY, "SB26000001")
    for control, data in ((0x14, di("0400010C") + BY + bytes(7)), (0x11, di("00010000"))):
        frame = seal.request(HEAT, control, data, 1000)
        found = dlt645.explain(frame, "sealed")
        assert whole(found, frame) == {} and "sealed" in found.error
        assert next(s.value for s in found.spans if s.meaning == "sealed: counter") == "1000"
    plain = made_frame(HEAT, 0x91, di("04000401") + di(HEAT))
    found = dlt645.explain(plain, "sealed")
    assert not found.error and found.records[0].value == HEAT
    answer = made_frame(HEAT, 0x91, b"\xe8\x03\0\0" + bytes(range(1, 17)))
    assert "sealed" in dlt645.explain(answer, "sealed").error
    refused = made_frame(HEAT, 0xD4, b"\x04")
    assert dlt645.explain(refused, "sealed").frame["error_word"].startswith("wrong password")
