"""A DL/T 645 client that we did not write reads the running node over a real socket.

PyPI `dlt645` 3.2.0. Its known faults (baud words, no 12H, no 1FH; 08H year first; 18H with a DI of
its own) are outside what is used here, but for two: it takes an address as its bytes go over the
wire, low byte first, and it tells a write that was acknowledged as it tells silence.
"""

import selectors
import socket
import threading

import pytest
from dlt645 import MeterClientService

from tests.node import asking
from tests.node.asking import CONVERTER, MS, UPLINK, WATER, S
from tests.node.commanding import command

pytestmark = pytest.mark.vm


class Bridge:
    """A TCP port whose bytes go over the node's uplink line and back."""

    def __init__(self, node):
        self._line = node.line(UPLINK)
        self._line.settings(2400, "E")
        self._line.on_byte = self._to_client
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._client = None
        self.port = self._server.getsockname()[1]

    def pass_on(self):
        if self._client is None:
            with selectors.DefaultSelector() as ready:
                ready.register(self._server, selectors.EVENT_READ)
                if not ready.select(0):
                    return
            self._client, _ = self._server.accept()
            self._client.setblocking(False)
        try:
            data = self._client.recv(256)
        except BlockingIOError:
            return
        if data:
            self._line.send(data)

    def _to_client(self, byte):
        if self._client:
            self._client.sendall(bytes((byte,)))

    def close(self):
        self._server.close()
        if self._client:
            self._client.close()


def _served(node, client):
    """client(service) is run on a thread, over the node's uplink."""
    bridge = Bridge(node)

    def run():
        service = MeterClientService.new_tcp_client("127.0.0.1", bridge.port, 5.0)
        service.client.connect()
        client(service)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    end_ns = node.clock.now_ns + 30 * S
    while thread.is_alive() and node.clock.now_ns < end_ns:
        bridge.pass_on()
        node.run(5 * MS)
    bridge.close()


def test_reads_over_tcp(on_vm):
    def body(node):
        asking.pulses(node, 3)
        got = {}

        def client(service):
            service.set_address(bytes.fromhex(WATER)[::-1].hex())  # it sends them as given
            got["water"] = service.read_00(0x00010000)
            got["unknown"] = service.read_00(0x00020000)
            got["address"] = service.read_address()

        _served(node, client)
        assert float(got["water"].value) == 1234.53
        assert got["unknown"] is None
        # ... and shows one the same way.
        assert str(got["address"].value) == bytes.fromhex(CONVERTER)[::-1].hex()

    on_vm(body)


def test_writes_over_tcp(on_vm):
    def body(node):
        command(node, "window 5")
        frames = []

        def client(service):
            service.enable_message_capture()
            service.set_address(bytes.fromhex(CONVERTER)[::-1].hex())
            service.write_04(0x04000401, "000000000777", "04123456")
            service.write_04(0x04000401, "000000000777", "04000000")
            frames.extend(service.get_captured_rx_messages())

        _served(node, client)
        assert [message.data.lstrip(b"\xfe")[8] for message in frames] == [0xD4, 0x94]
        got = asking.exchange(node, asking.frame("AAAAAAAAAAAA", 0x13))
        assert got[:2] == (0x93, "000000000777")

    on_vm(body)
