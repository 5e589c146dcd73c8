"""A line of the node as a TCP port, for clients that live in real time."""

import selectors
import socket
import threading

from tests.node.asking import MS, UPLINK, S


class Bridge:
    """A TCP port whose bytes go over one of the node's lines and back. `dead`: neither way."""

    def __init__(self, node, uart=UPLINK):
        self.dead = False
        self._line = node.line(uart)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._client = None
        self.asked = 0  # requests that have passed
        self.baud = 2400  # of the gateway's far end, from the next request on
        self.port = self._server.getsockname()[1]

    @property
    def url(self):
        return f"socket://127.0.0.1:{self.port}"

    def pass_on(self):
        if self._client is None:
            with selectors.DefaultSelector() as ready:
                ready.register(self._server, selectors.EVENT_READ)
                if not ready.select(0):
                    return
            self._client, _ = self._server.accept()
            self._client.setblocking(False)
            self._line.settings(self.baud, "E")  # on a bus the node speaks first
            self._line.on_byte = self._to_client
        try:
            data = self._client.recv(256)
        except BlockingIOError:
            return
        if data:
            self.asked += 1
            if not self.dead:
                self._line.settings(self.baud, "E")
                self._line.send(data)
        else:
            self._client.close()  # the next one may come
            self._client = None

    def _to_client(self, byte):
        if self._client and not self.dead:
            self._client.sendall(bytes((byte,)))

    def close(self):
        self._server.close()
        if self._client:
            self._client.close()


def beside(node, client, *args, meanwhile=lambda bridge: None):
    """client(bridge, *args) in a thread of its own while the node runs, and `meanwhile` is called
    again and again; what the client returns."""
    bridge = Bridge(node)
    got = []
    thread = threading.Thread(target=lambda: got.append(client(bridge, *args)), daemon=True)
    thread.start()
    end_ns = node.clock.now_ns + 3600 * S
    while thread.is_alive() and node.clock.now_ns < end_ns:
        bridge.pass_on()
        meanwhile(bridge)
        node.run(5 * MS)
    bridge.close()
    assert got, "the client came to no end"
    return got[0]
