"""Records of the format before: read, written back in it during the trial, renewed afterwards."""

import struct
from binascii import crc32

import pytest
from sibiao.firmware.slot import image_files, slot_files

from tests.node import asking
from tests.node.asking import CONVERTER, WATER, S
from tests.node.commanding import events

PULSES, BASE, STARTS = 4711, 99000, 5


def old_record(payload, sequence):
    """As the firmware of format 1 wrote it: no owner."""
    body = struct.pack("<BBHI", 1, 0, len(payload), sequence) + payload
    return body + struct.pack("<I", crc32(body))


def old_state():
    ring = bytearray(128)
    for n in range(3):
        struct.pack_into("<BBHI", ring, n * 8, 1, 1, n, 100 + n)
    return {
        "/state/total1": old_record(struct.pack("<QQ", PULSES, BASE), 40),
        "/state/events": old_record(bytes(ring) + struct.pack("<II", 3, STARTS), 9),
    }


def _versions(node):
    files = node.flash_files()
    return {name: files[f"/state/{name}"][0] for name in ("total1", "events")}


def _life(node):
    asking.at_work(node)
    asking.pulses(node, 12)
    node.run(4 * S)
    return {
        "index": asking.read(node, WATER, "00010000"),
        "starts": asking.read(node, CONVERTER, "E0002000"),
        "pulses": asking.read(node, CONVERTER, "E0010900"),
        "events": [event[0] for event in events(node, 8)],
        "versions": _versions(node),
        "slot": asking.report(node)["slot"],
    }


@pytest.mark.vm
def test_confirmed_at_once(on_vm, sample):
    seen = on_vm(_life, image_files(sample) | old_state())
    assert seen["index"] == BASE + PULSES + 12 and seen["pulses"] == PULSES + 12
    assert seen["starts"] == STARTS + 1
    assert seen["events"][-3:] == [1, 1, 1]
    assert seen["versions"] == {"total1": 2, "events": 2}


def _trial(node):
    # The trial's slot never becomes steady, counts meanwhile, and is given up.
    asking.at_work(node)
    asking.pulses(node, 12)
    node.run(3 * S)
    during = _versions(node)
    starts = node.starts[-1]
    assert node.run_until(lambda: node.starts[-1] != starts, 60 * S)
    return during, node.flash_files()


@pytest.mark.vm
def test_until_the_trial_is_passed_the_old_format_is_written(on_vm, sample):
    from sibiao.firmware.slot import firmware_sources

    sources = firmware_sources()
    path = "converter/app/status_task.py"
    steady = "if node.supervisor.steady():"
    assert sources[path].count(steady) == 1
    sources[path] = sources[path].replace(steady, "if False:").replace("const(30)", "const(12)")
    trial = {f"/b/{name}": data for name, data in slot_files(sample, sources).items()}
    files = image_files(sample) | old_state() | trial | {"/slots/trial": b"b"}
    during, left = on_vm(_trial, files)
    assert during == {"total1": 1, "events": 1}
    # What the old firmware finds: its own formats, with what the trial counted.
    record = left["/state/total1"]
    assert struct.unpack_from("<BBH", record) == (1, 0, 16)
    assert struct.unpack_from("<QQ", record, 8) == (PULSES + 12, BASE)
    assert struct.unpack_from("<I", record, 24)[0] == crc32(record[:24])
