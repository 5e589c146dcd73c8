"""A CSG module's frames and those of DL/T 645 on one line, into the shipped collector."""

import random

from converter.link import csg
from converter.link.framer import Framer

from tests.fuzz import requests645
from tests.fuzz.mutate import mutated
from tests.fuzz.station import FuzzedStation, is_whole

_READ_188 = bytes.fromhex("68205121311700111101031F90213816")
_ADDRESSES = bytes(range(1, 13))  # source, destination


def made(
    afn: int, di: str, data: bytes = b"", addresses: bytes = b"", control: int = 0x40
) -> bytes:
    body = bytes((control | (0x20 if addresses else 0),)) + addresses + bytes((afn, 7))
    body += bytes.fromhex(di)[::-1] + data
    frame = b"\x68" + (len(body) + 5).to_bytes(2, "little") + body
    return frame + bytes((sum(body) & 0xFF, 0x16))


def _asked():
    for addresses in (b"", _ADDRESSES):
        for di in ("EA062101", "EA062103", "EA062105", "EA062109"):
            yield made(0x21, di, b"", addresses)
        for data in (b"\x00\x20", b"\x01\x01", b"\x1f\x00"):
            yield made(0x21, "EA042102", data, addresses)
        yield made(0x21, "EA052104", b"\x02" + bytes(12), addresses)
        yield made(0x23, "EA002301", b"", addresses, 0xC0)
        yield made(0x24, "EA062403", b"", addresses)
        yield made(0x22, "EA032201", b"\x01\x00\x16", addresses, 0x80)  # an answer


def inside(frame: bytes) -> bytes:
    return made(0x22, "EA042201", len(frame).to_bytes(2, "little") + frame, _ADDRESSES)


class Module(FuzzedStation):
    """What a module asks, in both forms."""

    name = "csg"

    def __init__(self):
        super().__init__("collector")
        frames = set(requests645.of_uplink("collector"))
        inner = {inside(frame) for frame in frames} | {inside(b"\xfe\xfe" + _READ_188)}
        inner = {frame for frame in inner if len(frame) <= csg.MAX_FRAME}
        self.corpus = tuple(sorted(frames | inner | set(_asked())))
        self.framer = Framer(self.home.station.frame_len, csg.MAX_FRAME + 16)

    def spoilt(self, rng: random.Random) -> bytes:
        data = mutated(rng, self.corpus)
        return _mended(data) if rng.random() < 0.5 else data

    def take(self, frame: bytes) -> None:
        assert is_whole(frame) or _is_csg(frame), frame.hex()
        super().take(frame)

    def check(self, frame: bytes, answer: bytes, addresses: set[bytes]) -> None:
        if is_whole(frame):
            super().check(frame, answer, addresses)
            return
        assert _is_csg(answer), answer.hex()
        control = frame[3]
        assert control & 0x40 and answer[3] == (control ^ 0x80) & ~0x40
        at = 16 if control & 0x20 else 4
        if at == 16:
            assert answer[4:16] == frame[10:16] + frame[4:10]
        assert answer[at] in (0, frame[at]) and answer[at + 1] == frame[at + 1]
        assert answer[at + 2 : at + 6].hex()[-2:] == "ea"
        self.reached.add(("csg", answer[at], answer[at + 2 : at + 6][::-1].hex()))
        if answer[at] == 0x22:
            inner = answer[at + 8 : -2]
            assert int.from_bytes(answer[at + 6 : at + 8], "little") == len(inner)
            # Ours, or what a meter said to it.
            assert is_whole(inner) or inner[:1] == b"\x68"


def _is_csg(frame: bytes) -> bool:
    control = frame[3]
    return (
        frame[0] == 0x68
        and frame[1] | frame[2] << 8 == len(frame) <= csg.MAX_FRAME
        and not control & 0x1F
        and len(frame) >= (24 if control & 0x20 else 12)
        and sum(frame[3:-2]) & 0xFF == frame[-2]
        and frame[-1] == 0x16
    )


def _mended(data: bytes) -> bytes:
    # Length and sum of the first frame put right, if it can be one.
    at = data.find(b"\x68")
    body = data[at + 3 : -2] if at >= 0 else b""
    if not 7 <= len(body) <= csg.MAX_FRAME - 5:
        return data
    head = b"\x68" + (len(body) + 5).to_bytes(2, "little")
    return data[:at] + head + body + bytes((sum(body) & 0xFF, 0x16))
