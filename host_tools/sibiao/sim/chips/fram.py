"""An FRAM on a node's I2C bus (FM24W256, MB85RC256V): 32 kB that need no erase and no wait.

Each byte is kept as soon as it is acknowledged: a power cut in the middle of a transfer leaves
what had passed.
"""

from __future__ import annotations

from sibiao.node.contract import Node

SIZE = 32768


class FramChip:
    """`contents` may be read and spoilt by a test; `bytes_written` is since it was made."""

    ADDRESS = 0x50

    def __init__(self, node: Node, bus: int = 0, address: int = ADDRESS, contents: bytes = b""):
        self.contents = bytearray(contents.ljust(SIZE, b"\x00"))
        if len(self.contents) != SIZE:
            raise ValueError(f"{len(contents)} bytes do not fit into an FRAM of {SIZE}")
        self.bytes_written = 0
        self._pointer = 0
        self._pointer_bytes = 0
        node.attach_i2c(bus, address, self)

    def start(self, read: bool) -> bool:
        self._pointer_bytes = 0 if read else 2
        return True

    def write(self, byte: int) -> bool:
        if self._pointer_bytes:
            self._pointer_bytes -= 1
            self._pointer = (self._pointer << 8 | byte) % SIZE
        else:
            self.contents[self._pointer] = byte
            self.bytes_written += 1
            self._pointer = (self._pointer + 1) % SIZE
        return True

    def read(self) -> int:
        byte = self.contents[self._pointer]
        self._pointer = (self._pointer + 1) % SIZE
        return byte

    def stop(self) -> None: ...
