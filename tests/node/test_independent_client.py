"""A DL/T 645 client that we did not write reads the running node over a real socket.

PyPI `dlt645` 3.2.0. Its known faults (baud words, no 12H, no 1FH) are outside what is used here,
but for one: it takes an address as its bytes go over the wire, low byte first.
"""

import selectors
import socket
import threading

import pytest
from dlt645 import MeterClientService

from tests.node import asking
from tests.node.asking import CONVERTER, MS, UPLINK, WATER, S

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


def test_reads_over_tcp(on_vm):
    def body(node):
        asking.pulses(node, 3)
        bridge = Bridge(node)
        got = {}

        def client():
            service = MeterClientService.new_tcp_client("127.0.0.1", bridge.port, 5.0)
            service.client.connect()
            service.set_address(bytes.fromhex(WATER)[::-1].hex())  # it sends them as given
            got["water"] = service.read_00(0x00010000)
            got["unknown"] = service.read_00(0x00020000)
            got["address"] = service.read_address()

        thread = threading.Thread(target=client, daemon=True)
        thread.start()

        end_ns = node.clock.now_ns + 30 * S
        while thread.is_alive() and node.clock.now_ns < end_ns:
            bridge.pass_on()
            node.run(5 * MS)
        bridge.close()
        assert float(got["water"].value) == 1234.53
        assert got["unknown"] is None
        # ... and shows one the same way.
        assert str(got["address"].value) == bytes.fromhex(CONVERTER)[::-1].hex()

    on_vm(body)
