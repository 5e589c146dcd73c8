"""A board whose records are gone is silent until they are restored, and says so ever after."""

import pytest
from sibiao.firmware.slot import image_files

from tests.node import asking
from tests.node.asking import CONVERTER, WATER, S
from tests.node.commanding import command, events

RECORD_LOST, RESTORED, RECORDS_GONE = 6, 20, 23
LOST_BIT, RESTORED_BIT = 32, 16


def _files(sample):
    files = image_files(sample)
    del files["/slots/born"]
    return files


def _restore(node):
    asking.at_work(node)
    request = asking.frame(WATER, 0x11, bytes.fromhex("00000100"))
    seen = {
        "silent": asking.exchange(node, request) is None,
        "fault": asking.report(node)["fault"],
        "written": [path for path in node.flash_files() if path.startswith("/state/")],
    }
    asking.pulses(node, 3)  # while it is silent
    seen["restored"] = command(node, "restore 1 500000")
    seen["index"] = asking.read(node, WATER, "00010000")
    asking.pulses(node, 12)
    node.run(3 * S)
    node.power_cut()
    asking.at_work(node)
    seen["later"] = asking.read(node, WATER, "00010000")
    seen["status"] = asking.read(node, WATER, "E0004200")
    seen["events"] = [event[:2] for event in events(node)]
    return seen


@pytest.mark.vm
def test_reformatted(on_vm, sample):
    seen = on_vm(_restore, _files(sample))
    assert seen["silent"] and seen["fault"] == "records lost: restore"
    assert seen["written"] == [], "nothing may be written over what could still be saved"
    assert seen["restored"]["index"] == seen["index"] == 500000
    assert seen["later"] == 500012
    assert seen["status"] & RESTORED_BIT
    assert (RECORDS_GONE, 0) in seen["events"] and (RESTORED, 1) in seen["events"]


def _one_record_spoilt(node):
    asking.at_work(node)
    return {
        "index": asking.read(node, WATER, "00010000"),
        "status": asking.read(node, WATER, "E0004200"),
        "starts": asking.read(node, CONVERTER, "E0002000"),
        "events": [event[:3] for event in events(node, 4)],
        "file": node.flash_files()["/state/total1"],
        "restored": command(node, "restore 1 7"),
        "after": asking.read(node, WATER, "00010000"),
    }


def _events_kept(node):
    asking.pulses(asking.at_work(node), 12)
    node.run(3 * S)
    return {path: data for path, data in node.flash_files().items() if path.startswith("/state/")}


@pytest.mark.vm
def test_one_spoilt_record_silences_one_point_only(on_vm, sample):
    state = on_vm(_events_kept, image_files(sample))
    spoilt = state["/state/total1"][:-1] + b"\0"
    seen = on_vm(_one_record_spoilt, _files(sample) | state | {"/state/total1": spoilt})
    assert seen["index"] == b"\x02" and seen["status"] == LOST_BIT
    assert seen["starts"] == 2
    assert (RECORD_LOST, 1, 1) in seen["events"]
    assert seen["file"] == spoilt
    assert seen["restored"]["status"] & RESTORED_BIT
    assert seen["after"] == 7
