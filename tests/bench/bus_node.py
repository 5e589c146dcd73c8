"""Four bus meters, two of each link, that answer as soon as they may: their community, and the
emulated Pico at its prompt with the compiled firmware at hand."""

from __future__ import annotations

import dataclasses

from sibiao.config import schema
from sibiao.config.device import layouts
from sibiao.config.load import Loaded, load, read
from sibiao.firmware.slot import slot_files
from sibiao.node.pico import EmulatedPico
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.bench import bench_node
from tests.bench.small_words import DEVICE
from tests.node.asking import BUS
from tests.node.mbus_slaves import patched

BAUD, PARITY, BITS = 2400, "E", 11
# EN 13757-2 allows an answer from 11 bit times on, CJ/T 188 from one byte time on: 4.6 ms each.
_PROMPT_MS = 4.6
# Profile -> its address on the bus. No telegram ends with DIF 1F: a meter whose telegrams are not
# all asked for is reset before each poll.
METERS = {
    "heat-mbus-tiangang": "1",
    "water-mbus-itron-cyble": "2",
    "heat-cjt188-901f": "11110000000001",
    "water-cjt188-901f": "11110000000002",
}


def community(profiles=tuple(METERS)) -> Loaded:
    """The sample's pulse meter, and these meters on the bus, polled without a pause."""
    sample = load("sample")
    table = sample.community.model_dump(by_alias=True)
    table["points"] = table["points"][:1] + [
        {
            "name": profile,
            "address": f"{401 + n:012d}",
            "meter": profile,
            "meter_address": METERS[profile],
            "wired_to": "bus",
        }
        for n, profile in enumerate(profiles)
    ]
    table["policy"] |= {"poll_every_s": 1, "poll_tries": 3}
    return dataclasses.replace(
        sample,
        community=schema.Community.model_validate(table),
        meters=sample.meters | {profile: read("meters", profile) for profile in profiles},
    )


def prompt_meters(node, on_send=None) -> Bus:
    meters = [meter_of(f"{name}@{at},delay={_PROMPT_MS}") for name, at in METERS.items()]
    return Bus(node.clock, node.line(BUS), meters, on_send=on_send)


def telegram(name: str) -> bytes:
    """The profile's published one, with what stands before the frame."""
    return bytes.fromhex(read("meters", name).golden[0].telegram)


def request(name: str) -> bytes:
    """What that telegram answers."""
    data = telegram(name)
    frame = data[data.index(b"\x68") :]
    if read("meters", name).link == "mbus":
        body = bytes((0x7B, frame[5]))
        return b"\x10" + body + bytes((sum(body), 0x16))
    asked = frame[:9] + bytes((frame[9] & 0x3F, 3)) + frame[11:14]
    return asked + bytes((sum(asked) & 0xFF, 0x16))


def answers() -> dict[bytes, bytes]:
    """The published telegrams from the community's addresses, by the address in the request. The
    checksum of CJ/T 188 is left as it was, for the sequence number changes it again."""
    made = {}
    for name, at in METERS.items():
        profile, data = read("meters", name), telegram(name)
        if profile.link == "mbus":
            made[bytes((int(at),))] = patched(data, address=int(at))
            continue
        address = layouts.wire_address(profile, at)
        first = data.index(b"\x68") + 2
        made[address] = data[:first] + address + data[first + 7 :]
    return made


def at_prompt(*scripts: str) -> EmulatedPico:
    """Booted, the four meters' slot and scripts of `device/` compiled at hand, nothing running."""
    beside = {f"{s}.py": (DEVICE / f"{s}.py").read_text(encoding="utf-8") for s in scripts}
    files = {f"/{path}": data for path, data in slot_files(community(), beside=beside).items()}
    node = EmulatedPico(bench_node.image().path, files=files)
    node.boot()
    return node
