"""A DL/T 645 client that we did not write reads the running node over a real socket.

PyPI `dlt645` 3.2.0. What it does wrong, and the tests live with or show:

- it takes an address as its bytes go over the wire, low byte first;
- its baud words for 4800 and more are the decimal digits of the right ones read as hexadecimal;
- it sends the broadcast time year first, the wire wants seconds first;
- it cannot be told from a timeout what error a meter answered: that is seen in the bytes;
- it knows no follow-up frames 12H and no 1FH.
- 18H goes to a DI of its own, and a write that was acknowledged is told as silence is.
"""

from datetime import datetime

import pytest
from dlt645 import MeterClientService

from tests.node import asking
from tests.node.asking import CONVERTER, WATER
from tests.node.bridge import beside
from tests.node.commanding import command

pytestmark = pytest.mark.vm


def asked(node, client, address=WATER):
    """client(service) in a thread of its own while the node runs; what it returns."""

    def run(bridge):
        service = MeterClientService.new_tcp_client("127.0.0.1", bridge.port, 5.0)
        service.client.connect()
        service.enable_message_capture()
        service.set_address(bytes.fromhex(address)[::-1].hex())  # it sends them as given
        return client(service)

    return beside(node, run)


def refused(service):
    """(control, error word) of the answer that came last."""
    frame = bytes(service.get_captured_rx_messages()[-1].data)
    frame = frame[frame.index(b"\x68") :]
    assert frame[9] == 1 and sum(frame[:-2]) & 0xFF == frame[-2]
    return frame[8], frame[10] - 0x33


def test_reads_over_tcp(on_live_vm):
    def client(service):
        return {
            "water": service.read_00(0x00010000),
            "unknown": (service.read_00(0x00020000), refused(service)),
            "parameter": service.read_04(0x04000401),
            "address": service.read_address(),
        }

    def body(node):
        asking.pulses(node, 3)
        got = asked(node, client)
        assert float(got["water"].value) == 1234.53
        assert got["unknown"] == (None, (0xD1, 0x02))
        assert got["parameter"].value == WATER
        # ... and shows one the same way.
        assert str(got["address"].value) == bytes.fromhex(CONVERTER)[::-1].hex()

    on_live_vm(body)


def test_writes_over_tcp(on_live_vm):
    def client(service):
        service.write_04(0x04000401, "000000000777", "04123456")
        service.write_04(0x04000401, "000000000777", "04000000")
        return [message.data.lstrip(b"\xfe")[8] for message in service.get_captured_rx_messages()]

    def body(node):
        command(node, "window 5")
        assert asked(node, client, CONVERTER) == [0xD4, 0x94]
        got = asking.exchange(node, asking.frame("AAAAAAAAAAAA", 0x13))
        assert got[:2] == (0x93, "000000000777")

    on_live_vm(body)


def test_what_it_may_not_change_stays_and_is_an_error_answer(on_live_vm):
    def client(service):
        tried = {}
        tried["write"] = service.write_04(0x04000401, "000000000999", "02123456"), refused(service)
        tried["baud"] = service.change_baud_rate(9600), refused(service)
        tried["word"] = bytes(service.get_captured_tx_messages()[-1].data)[-3] - 0x33
        tried["clear"] = service.clear_meter("02123456"), refused(service)
        tried["time"] = service.broadcast_time_sync(datetime(2026, 11, 25, 12, 30, 10))
        tried["seconds"] = bytes(service.get_captured_tx_messages()[-1].data)[-3] - 0x33
        tried["after"] = service.read_00(0x00010000)
        return tried

    def body(node):
        got = asked(node, client)
        assert [got[k][0] for k in ("write", "baud", "clear")] == [None] * 3
        assert [got[k][1][0] for k in ("write", "baud", "clear")] == [0xD4, 0xD7, 0xDA]
        assert all(got[k][1][1] for k in ("write", "baud", "clear"))
        assert got["word"] == 0x32  # the standard's word for 9600 is 20H
        assert got["time"] and got["seconds"] == 0x10  # last, where the year belongs
        assert float(got["after"].value) == 1234.50

    on_live_vm(body)
