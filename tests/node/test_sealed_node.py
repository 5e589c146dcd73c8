"""A sealed node: the key comes by the console, and the host opens what the board's AES closed."""

import os
from dataclasses import replace

import pytest
from sibiao.config import load as configs
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode
from sibiao.reader.sealed import Seal, UsedUp

from tests.node import asking
from tests.node.asking import CONVERTER, MS, UPLINK, WATER, S, exchange, frame, report
from tests.node.commanding import command
from tests.node.communities import sample

pytestmark = pytest.mark.vm

KEY = os.urandom(16)
SERIAL = "SB26000001"
INDEX, DATE_TIME = bytes.fromhex("00000100"), bytes.fromhex("0C010004")
NOON = DATE_TIME + bytes.fromhex("0400000078563412") + bytes.fromhex("00001203250326")


def _sealed(which):
    uplink = configs.read("uplinks", "sealed").model_copy(update={"sealed": which})
    return replace(sample(), uplink=uplink)


@pytest.fixture(params=["writes", "all"])
def node(request):
    with VirtualNode(image_files(_sealed(request.param))) as node:
        node.which = request.param
        yield asking.at_work(node)


def ask(node, seal, address, control, data, counter):
    line, got = node.line(UPLINK), bytearray()
    line.on_byte = got.append
    line.settings(2400, "E")
    line.send(seal.request(address, control, data, counter))
    start = node.clock.now_ns

    def whole():
        at = got.find(b"\x68")
        return at >= 0 and len(got) - at > 10 and len(got) - at == 12 + got[at + 9]

    assert node.run_until(whole, S), got.hex()
    took_ms = (node.clock.now_ns - start) // MS
    answer = seal.answer(bytes(got).lstrip(b"\xfe"), counter)
    return answer.control, answer.address, answer.data, took_ms


def test_sealed(node):
    seal = Seal(KEY, SERIAL)
    plain = frame(WATER, 0x11, INDEX)
    expected = (0x91, WATER, INDEX + bytes.fromhex("50341200"))
    refused = (0xD1, WATER, b"\x04")
    assert exchange(node, plain) == (expected if node.which == "writes" else refused)
    assert exchange(node, frame(CONVERTER, 0x14, NOON)) == (0xD4, CONVERTER, b"\x04")
    told = [command(node, f"key {KEY.hex()}"), report(node), command(node, "write 0")]
    assert told[0] == {"key": "written"} and told[2]["write"][:2] == [10, 0]
    assert KEY.hex() not in repr(told).lower()
    holders = [path for path, data in node.flash_files().items() if KEY in data]
    assert holders == ["/state/parameters"]
    assert ask(node, seal, WATER, 0x11, INDEX, 1000)[:3] == expected
    assert ask(node, seal, CONVERTER, 0x14, NOON, 1001)[:3] == (0x94, CONVERTER, b"")
    assert command(node, "time")["time"][:4] == [2026, 3, 25, 12]
    assert exchange(node, frame(CONVERTER, 0x14, NOON)) == (0xD4, CONVERTER, b"\x04")
    with pytest.raises(UsedUp) as used:
        ask(node, seal, CONVERTER, 0x14, NOON, 1001)
    assert used.value.next == 1002
    node.power_cut()
    asking.at_work(node)
    with pytest.raises(UsedUp) as used:
        ask(node, seal, CONVERTER, 0x14, NOON, 1100)
    assert used.value.next == 1256
    assert ask(node, seal, WATER, 0x11, INDEX, used.value.next)[:3] == expected
    assert exchange(node, frame("AAAAAAAAAAAA", 0x13))[0] == 0x93


def test_spoilt_ones_do_nothing_and_a_freeze_does(node):
    seal = Seal(KEY, SERIAL)
    command(node, f"key {KEY.hex()}")
    assert ask(node, seal, CONVERTER, 0x14, NOON, 1000)[0] == 0x94
    sound = seal.request(WATER, 0x16, b"\x99" * 4, 1001)
    for at in (1, 8, 10, 14, 18, 25):
        spoilt = bytearray(sound)
        spoilt[at] ^= 0x04
        spoilt[-2] = sum(spoilt[:-2]) & 0xFF
        got = exchange(node, bytes(spoilt))
        assert got is None or (got[0] & 0x40 and got[2] == b"\x04"), at
    frozen = bytes.fromhex("01010105")
    assert ask(node, seal, WATER, 0x11, frozen, 1002)[0] == 0xD1
    assert ask(node, seal, WATER, 0x16, b"\x99" * 4, 1003)[::2] == (0x96, b"")
    assert ask(node, seal, WATER, 0x11, frozen, 1004)[2] == frozen + bytes.fromhex("50341200")


def test_a_sealed_collector_takes_its_key_at_once():
    loaded = _sealed("writes")
    collector = configs.read("uplinks", "collector").collector
    uplink = loaded.uplink.model_copy(update={"collector": collector})
    with VirtualNode(image_files(replace(loaded, uplink=uplink))) as node:
        asking.at_work(node)
        command(node, f"key {KEY.hex()}")
        assert ask(node, Seal(KEY, SERIAL), CONVERTER, 0x14, NOON, 1000)[0] == 0x94


@pytest.mark.parametrize("text", ["", "00", "zz" * 16, "00" * 17])
def test_bad_keys(on_vm, text):
    assert "error" in on_vm(lambda node: command(node, f"key {text}"))
