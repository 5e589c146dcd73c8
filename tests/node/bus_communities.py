"""Communities with M-Bus meters on their bus, and a node that polls them."""

from dataclasses import replace

from sibiao.config import load, schema
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode

from tests.node import asking
from tests.node.asking import CONVERTER, MS, S
from tests.node.mbus_slaves import patched

FALCON, KAMSTRUP = "water-mbus-elster-falcon", "heat-mbus-kamstrup-601"
WATER, HEAT = "000000000401", "000000000402"
VOLUME, ENERGY = "00010000", "00010000"
SILENT, UNREADABLE, ALARM, SUSPECT = 1, 4, 64, 128
_VOLUME_AT = 21  # of 0C 13 in the Falcon's telegram


def telegram(name):
    return bytes.fromhex(load.read("meters", name).golden[0].telegram)


def falcon(litres):
    return patched(telegram(FALCON), _VOLUME_AT, bytes.fromhex(f"{litres:08d}")[::-1])


def community(*points, meters=None, board=None, uplink=None, policy=None):
    """The sample community with these points on its bus and nothing else."""
    sample = load.load("sample")
    made = {
        name: load.read("meters", name)
        for name in {p["meter"] for p in points} - set(meters or ())
    }
    table = sample.community.model_dump(by_alias=True)
    table["points"] = [{"wired_to": "bus", **p} for p in points]
    table["policy"] |= {"poll_every_s": 2, "poll_tries": 2} | (policy or {})
    uarts = sample.board.model_dump(by_alias=True)
    uarts["uarts"]["bus"] |= board or {}
    uarts["uarts"]["uplink"] |= uplink or {}
    return replace(
        sample,
        community=schema.Community.model_validate(table),
        board=schema.Board.model_validate(uarts),
        meters=made | (meters or {}),
    )


def water(**keys):
    return {"name": "water", "address": WATER, "meter": FALCON, "meter_address": "7"} | keys


def heat(**keys):
    return {"name": "heat", "address": HEAT, "meter": KAMSTRUP, "meter_address": "8"} | keys


def changed(name, **keys):
    made = load.read("meters", name)
    return type(made).model_validate(made.model_dump(by_alias=True) | keys)


def on_vm(loaded, body):
    with VirtualNode(image_files(loaded)) as node:
        return body(node)


def status(node, point=1):
    return asking.read(node, CONVERTER, f"E0{point:02d}4200")


def polls(node, bus, count, limit_ns=20 * S):
    """Until so many more answers were asked for, and a moment."""
    seen = len(bus.requests)
    wanted = lambda: sum(r[1] & 0x5F == 0x5B for _, r in bus.requests[seen:]) >= count  # noqa: E731
    assert node.run_until(wanted, limit_ns), bus.requests[seen:]
    node.run(800 * MS)
