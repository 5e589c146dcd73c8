"""Pass-through frames (1F/9F), CSG frames and the nodes that they are for, sharing nothing with
the firmware."""

from dataclasses import replace

from sibiao.config import load, schema
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode

from tests.node.asking import MS, UPLINK, S

HEAT_METER, WATER_METER = "11110017312151", "12345678901234"
HEAT = f"heat-cjt188-1f90@{HEAT_METER}"
WATER = f"water-cjt188-901f@{WATER_METER}"
GAS_METER = "00000000000077"


def frame188(kind, address, control, data, ser=0x21):
    """As on the wire, without preamble; data: DI and what follows SER."""
    body = bytes((0x68, kind)) + bytes.fromhex(address)[::-1] + bytes((control, len(data) + 1))
    body += data[:2] + bytes((ser,)) + data[2:]
    return body + bytes((sum(body) & 0xFF, 0x16))


READ_WATER = frame188(0x10, WATER_METER, 0x01, b"\x90\x1f")
READ_HEAT = frame188(0x20, HEAT_METER, 0x01, b"\x1f\x90")


def frame1f(address, ext, data=b""):
    body = b"\x68" + bytes.fromhex(address)[::-1] + b"\x68\x1f"
    body += bytes((len(data) + 1, ext)) + data
    return body + bytes((sum(body) & 0xFF, 0x16))


def csg(afn, di, data=b"", control=0xC0, addresses=b"", seq=7):
    inner = bytes((control | (0x20 if addresses else 0),)) + addresses + bytes((afn, seq))
    inner += bytes.fromhex(di)[::-1] + data
    total = len(inner) + 5
    return b"\x68" + total.to_bytes(2, "little") + inner + bytes((sum(inner) & 0xFF, 0x16))


def community(uplink, *points, **policy):
    """The sample community with these points on its bus alone, behind another uplink."""
    sample = load.load("sample")
    table = sample.community.model_dump(by_alias=True)
    table["uplink"] = uplink
    table["points"] = [{"wired_to": "bus", **point} for point in points]
    table["policy"] |= {"poll_every_s": 2, "poll_tries": 3} | policy
    return replace(
        sample,
        community=schema.Community.model_validate(table),
        uplink=load.read("uplinks", uplink),
        meters={point["meter"]: load.read("meters", point["meter"]) for point in points},
    )


def point(name, number, meter, address=None):
    return {
        "name": name,
        "address": f"{number:012d}",
        "meter": meter,
        "meter_address": address,
    }


HEAT_POINT = point("heat", 402, "heat-cjt188-1f90", HEAT_METER)
WATER_POINT = point("water", 401, "water-cjt188-901f", WATER_METER)
GAS_POINT = point("gas", 403, "gas-cjt188-901f", GAS_METER)


def on_vm(loaded, body):
    with VirtualNode(image_files(loaded)) as node:
        return body(node)


def said(node, request, limit_ns=4 * S, baud=2400):
    """(raw answer without preamble, ns from the end of the request to the answer's first byte, to
    its last), or None for silence."""
    line = node.line(UPLINK)
    got, at_ns = bytearray(), []

    def hear(byte):
        got.append(byte)
        at_ns.append(node.clock.now_ns)

    line.on_byte = hear
    line.settings(baud, "E")
    line.send(b"\xfe\xfe\xfe\xfe" + request)
    byte_ns = 11 * S // baud
    sent_ns = node.clock.now_ns + (4 + len(request)) * byte_ns
    if not node.run_until(lambda: bool(got), limit_ns + sent_ns - node.clock.now_ns):
        return None
    while node.clock.now_ns - at_ns[-1] < 20 * MS:
        node.run(5 * MS)
    answer = bytes(got).lstrip(b"\xfe")
    return answer, at_ns[0] - byte_ns - sent_ns, at_ns[-1] - sent_ns


def ext(answer, address):
    """(EXT, DATA) of a 9F frame, everything else checked."""
    assert answer[0] == answer[7] == 0x68 and answer[8] == 0x9F, answer.hex()
    assert answer[1:7][::-1].hex() == address and len(answer) == 12 + answer[9]
    assert answer[-1] == 0x16 and answer[-2] == sum(answer[:-2]) & 0xFF
    return answer[10], answer[11:-2]
