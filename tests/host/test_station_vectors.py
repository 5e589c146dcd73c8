"""Published DL/T 645 telegrams against the station: set up with the values that they state, it
answers the same bytes; what it does not have, it refuses; to what is not for it, it is silent."""

from types import SimpleNamespace

from converter.codec import bcd
from converter.link import dlt645 as link
from converter.link.framer import Framer
from converter.model import unit
from converter.model.point import MeteringPoint
from converter.station import rows
from sibiao.explain import identifiers645

from tests.host.published import published
from tests.unit.feeding import arrive
from tests.unit.requesting import request
from tests.unit.stations import Home, build, row

# These state no value of a standard identifier: no such identifier, and a digit that is none.
UNREADABLE = {"wf-unknown-di", "st-26"}
ELSEWHERE = "987654321098"


def sound():
    """(vector, its frame as bytes, its plain data) of those of 2007 that are sound."""
    for vector in published("dlt645.json"):
        data = bytes.fromhex(vector["hex"])
        found = arrive(Framer(link.frame_len, 2 * link.MAX_FRAME), data, 7)
        assert bool(found) == vector["checksum_ok"]
        if found and vector["proto"] == "645-2007":
            plain = bytes((b - 0x33) & 0xFF for b in found[0][link.DATA : -2])
            yield SimpleNamespace(id=vector["id"], frame=found[0], plain=plain)


def station(address, answers):
    """One that has what the answers (plain data) say, at this address."""
    told, texts, values = {}, [], []
    for plain in answers:
        di, raw = int.from_bytes(plain[:4], "little"), plain[4:]
        for quantity, n, how, _, _, _, tariff, phase in identifiers645.fields(di, len(raw)):
            part, raw = raw[:n], raw[n:]
            single = di if di >> 8 & 0xFF != 0xFF else di & ~0xFF00 | (tariff or phase) << 8
            name = f"{single:08X}"
            if how == "text":
                told[name] = row(name, len(texts), n, flags=rows.TEXT)
                texts.append(part[::-1].replace(b"\0", b""))
                continue
            assert how[0].isdigit(), quantity
            code = len(values) + 1
            kind = n | (rows.SIGNED if how.endswith("s") else 0)
            told[name] = row(name, code, kind, 16 - int(how.rstrip("s")))
            values.append((code, bcd.decode(part, 0, n), -int(how.rstrip("s"))))
    point = MeteringPoint(address, bytes(code for code, _, _ in values), 0)
    for code, value, exponent in values:
        point.publish(code, value, exponent, unit.NONE, 0)
    table = b"".join(told[name] for name in sorted(told))
    return build(Home([point]), 0, (("address", ()), ("read", (table, texts))))


def answered(at, frame):
    out = bytearray(link.MAX_FRAME)
    return bytes(out[: at.handle(frame, out)])


def by_address():
    found = {}
    for vector in sound():
        if vector.frame[link.CONTROL] == 0x91 and vector.id not in UNREADABLE:
            found.setdefault(vector.frame[1:7], []).append(vector.plain)
    return found


def test_each_answer_is_given_again():
    again = 0
    for vector in sound():
        address, control = vector.frame[1:7], vector.frame[link.CONTROL]
        if control == 0x91 and vector.id not in UNREADABLE:
            asked = request(address, 0x11, vector.plain[:4])
            assert answered(station(address, [vector.plain]), asked) == vector.frame, vector.id
            again += 1
        elif control == 0x93 and vector.plain == address:
            asked = request(b"\xaa" * 6, 0x13)
            assert answered(station(address, []), asked) == vector.frame, vector.id
            again += 1
    assert again >= 36


def test_each_request_is_answered_or_refused():
    answers = by_address()
    seen = {"answered": [], "refused": [], "silent": []}
    for vector in sound():
        control, address = vector.frame[link.CONTROL], vector.frame[1:7]
        if control & 0x80:
            continue
        ours = bytes.fromhex(ELSEWHERE)[::-1] if address in (b"\xaa" * 6, b"\xff" * 6) else address
        at = station(ours, answers.get(ours, []))
        got = answered(at, vector.frame)
        if not got:
            assert ours != address
            seen["silent"].append(vector.id)
            continue
        assert got[1:7] == ours
        if control == 0x13:
            assert got[link.CONTROL] == 0x93
            seen["answered"].append(vector.id)
        elif vector.plain in [plain[:4] for plain in answers.get(ours, [])]:
            (published_one,) = [p for p in answers[ours] if p[:4] == vector.plain]
            assert bytes((b - 0x33) & 0xFF for b in got[link.DATA : -2]) == published_one
            seen["answered"].append(vector.id)
        else:
            # "No requested data", of one who has no such thing.
            assert (got[link.CONTROL], got[link.DATA]) == (control | 0xC0, 0x35), vector.id
            seen["refused"].append(vector.id)
    assert len(seen["answered"]) >= 8 and "wf-readaddr" in seen["answered"]
    assert seen["refused"] == ["jj-req2", "wk-req-ua"]
    assert seen["silent"] == ["ic-factory-mode"]  # FF..FF is nobody's address


def test_an_answer_is_no_request():
    for vector in sound():
        if vector.frame[link.CONTROL] & 0x80:
            at = station(vector.frame[1:7], [])
            assert answered(at, vector.frame) == b"", vector.id
