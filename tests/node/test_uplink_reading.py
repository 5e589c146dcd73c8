"""What a whole node answers on the way up beside single values: freezes, settlement days, times,
blocks with their follow-up frames; and who answers when anybody is asked."""

from dataclasses import replace

import pytest
from sibiao.config.load import load, read
from sibiao.explain import dlt645
from sibiao.firmware.slot import image_files

from tests.node import asking
from tests.node.asking import CONVERTER, HEAT, WATER, S
from tests.node.commanding import command

ANYBODY = "AA" * 6


def _ask(node, address, di, control=0x11, more=b""):
    """(control, plain data behind the identifier) of the answer."""
    what = bytes.fromhex(di)[::-1]
    request = asking.frame(address, control, what + more)
    control, who, data = asking.exchange(node, request, 2 * S)  # 200 bytes take one second
    assert who == address
    return (control, data) if control & 0x40 else (control, data[4:])


def _follow(node, address, di):
    """The frames of a block, one after another, the second asked for twice."""
    control, data = _ask(node, address, di)
    frames = [data]
    while control & 0x20:
        more = bytes((len(frames),))
        control, data = _ask(node, address, di, 0x12, more)
        if len(frames) == 1:
            assert _ask(node, address, di, 0x12, more) == (control, data)
        assert data[-1:] == more
        frames.append(data[:-1])
    return frames


def _read_back(node):
    seen = {"before": _ask(node, WATER, "00010001"), "unset": _ask(node, WATER, "0400010C")}
    seen["blank"] = _ask(node, WATER, "E000FFFF")[1]
    asking.pulses(node, 12)
    command(node, "time 2026-12-31T23:59:57")
    node.run(5 * S)
    seen["index"] = _ask(node, WATER, "00010000")[1]
    asking.pulses(node, 3)
    for name, di in (
        ("settled", "00010001"),
        ("hour", "05040101"),
        ("hour and time", "0504FF01"),
        ("day", "05060101"),
        ("missed", "05040102"),
        ("settlements", "000100FF"),
        ("clock", "0400010C"),
        ("word", "04000B01"),
    ):
        seen[name] = _ask(node, WATER, di)
    seen["now"] = _ask(node, WATER, "00010000")[1]
    seen["hours"] = _follow(node, WATER, "050401FF")
    seen["heat"] = _ask(node, HEAT, "00010001")
    seen["block"] = _ask(node, CONVERTER, "E001FFFF")[1]
    seen["heat block"] = _ask(node, CONVERTER, "E002FFFF")[1]
    return seen


@pytest.mark.vm
def test_freezes_settlement_days_and_blocks(on_vm):
    seen = on_vm(_read_back)
    assert seen["before"] == seen["unset"] == (0xD1, b"\x02")
    index, unknown = seen["index"], b"\xff" * 4
    assert int(index[::-1].hex()) == 123450 + 12
    assert seen["now"] != index
    for name in ("settled", "hour", "day"):
        assert seen[name] == (0x91, index), name
    assert seen["hour and time"] == (0x91, bytes.fromhex("0000010127") + index)
    assert seen["missed"] == (0xD1, b"\x02")
    assert seen["settlements"] == (0x91, seen["now"] + index + unknown * 11)
    assert seen["clock"][1][3:] == bytes.fromhex("05010127")  # a Friday
    assert seen["word"] == (0x91, bytes.fromhex("0001"))
    assert b"".join(seen["hours"]) == index + unknown * 253
    assert seen["heat"] == (0xD1, b"\x02")  # nobody answers for it here
    assert len(seen["blank"]) == len(seen["block"]) == len(seen["heat block"]) < 200
    told = _explained("E001FFFF", seen["block"])
    assert told["volume"] == "1234.65" and told["pulses"] == "15"
    assert told["volume_time"].startswith("2027-01-01T00:00:")
    assert told["supply_temperature"] is told["supply_temperature_time"] is None
    told = _explained("E001FFFF", seen["blank"])
    assert told["volume"] == "1234.5" and told["volume_time"] is None
    told = _explained("E001FFFF", seen["heat block"])
    assert told["status"] and {v for k, v in told.items() if k != "status"} == {None}


def _explained(di, data):
    frame = asking.frame(CONVERTER, 0x91, bytes.fromhex(di)[::-1] + data)
    found = dlt645.explain(frame, "virtual-meter")
    assert all(span.understood for span in found.spans)
    return {record.quantity: record.value for record in found.records}


def _bound_to(bind):
    # The sample's water meter alone, its history under the converter's address, too.
    loaded = load("sample")
    community = loaded.community.model_copy(
        update={"bind": bind, "points": loaded.community.points[:1], "uplink": "by-converter"}
    )
    return replace(loaded, community=community, uplink=read("uplinks", "by-converter"))


def _who(node):
    node.run(3 * S)
    what = bytes.fromhex("04000401")[::-1]
    return {
        "13": asking.exchange(node, asking.frame(ANYBODY, 0x13)),
        "any": asking.exchange(node, asking.frame(ANYBODY, 0x11, what)),
        "of 01": asking.exchange(node, asking.frame("AAAAAAAAAA01", 0x11, what)),
        "of 0301": asking.exchange(node, asking.frame("AAAAAAAA0301", 0x11, what)),
        "water": asking.exchange(node, asking.frame(WATER, 0x11, what)),
        "converter": asking.exchange(node, asking.frame(CONVERTER, 0x11, what)),
        "by number": asking.read(node, CONVERTER, "E0010100"),
        "everybody": asking.exchange(node, asking.frame("99" * 6, 0x11, what), S // 2),
        "history": _by_number(node),
    }


@pytest.mark.vm
@pytest.mark.parametrize(("bind", "bound"), [("converter", CONVERTER), ("point", WATER)])
def test_anybody_is_answered_by_one(on_vm, bind, bound):
    seen = on_vm(_who, image_files(_bound_to(bind)))
    assert seen["13"] == (0x93, bound, bytes.fromhex(bound)[::-1])
    # Two answers would have made one damaged frame on the line.
    address = bytes.fromhex("01040004") + bytes.fromhex(bound)[::-1]
    assert seen["any"] == (0x91, bound, address)
    assert seen["of 01"][1] == bound
    assert (seen["of 0301"] is not None) == (bound == WATER)
    assert seen["water"][1] == WATER and seen["converter"][1] == CONVERTER
    assert seen["by number"] == 123450
    assert seen["everybody"] is None
    refused, both, settled, unknown = seen["history"]
    index = bytes.fromhex("50341200")
    assert refused == unknown == (0xD1, b"\x02")
    assert both == (0x91, bytes.fromhex("0000010127") + index)
    assert settled == (0x91, index)


def _by_number(node):
    command(node, "time 2026-12-31T23:59:57")
    node.run(5 * S)
    return [_ask(node, CONVERTER, di) for di in ("E4FF0000", "E401FF01", "E8010101", "E8010201")]
