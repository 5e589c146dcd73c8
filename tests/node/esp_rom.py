"""The serial loader of an ESP32 at a terminal, as far as esptool asks it to write a flash.

Espressif's serial protocol (esptool's documentation, "Serial Protocol"): packets framed by SLIP;
a request is 0, operation, size, checksum, data; its answer 1, operation, size, value, data and two
bytes of status. The program that esptool loads into RAM says OHAI and speaks the same.
"""

import hashlib
import os
import select
import struct
import threading
import tty
import zlib

_END, _ESCAPE = b"\xc0", b"\xdb"
_ESCAPED = {_ESCAPE + b"\xdc": _END, _ESCAPE + b"\xdd": _ESCAPE}
(_MEM_END, _SYNC, _READ, _DEFL_BEGIN, _DEFL_DATA, _MD5, _SECURITY) = (
    0x06, 0x08, 0x0A, 0x10, 0x11, 0x13, 0x14,
)  # fmt: skip
_HEADER = struct.Struct("<BBHI")
_MAGIC_REGISTER, _MAGIC = 0x40001000, 0x00F01D83  # by which an ESP32 is told from its kin
_SPI_W0, _FLASH_ID = 0x3FF42080, 0x1640C8  # 4 MB
_FLASH_BYTES = 4 * 1024 * 1024


class EspRom:
    """`flash`: what is in it. `corrupt`: it keeps one bit of what is written wrong."""

    def __init__(self, corrupt=False):
        self.flash = bytearray(b"\xff" * _FLASH_BYTES)
        self._corrupt = corrupt
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.path = os.ttyname(self._theirs)
        self._value = 1  # the ROM answers with some number, the program in RAM with 0
        self._at, self._inflating = 0, None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(10)
        os.close(self._ours)
        os.close(self._theirs)

    def _serve(self):
        heard = b""
        while not self._stop.is_set():
            if not select.select([self._ours], [], [], 0.1)[0]:
                continue
            *packets, heard = (heard + os.read(self._ours, 65536)).split(_END)
            for packet in packets:
                for coded, plain in _ESCAPED.items():
                    packet = packet.replace(coded, plain)
                if len(packet) >= _HEADER.size and packet[0] == 0:
                    self._request(packet[1], packet[_HEADER.size :])

    def _request(self, operation, data):
        value, answer = self._value, b""
        if operation == _SECURITY:
            self._say(_HEADER.pack(1, operation, 2, 0) + b"\x01\x05")  # unknown to it
            return
        if operation == _SYNC:
            for _ in range(7):
                self._answer(operation, value, b"")
        elif operation == _READ:
            value = {_MAGIC_REGISTER: _MAGIC, _SPI_W0: _FLASH_ID}.get(
                struct.unpack("<I", data)[0], 0
            )
        elif operation == _DEFL_BEGIN:
            self._at = struct.unpack_from("<12xI", data)[0]
            self._inflating = zlib.decompressobj()
        elif operation == _DEFL_DATA:
            self._write(self._inflating.decompress(data[16:]))
        elif operation == _MD5:
            at, size = struct.unpack_from("<II", data)
            answer = hashlib.md5(self.flash[at : at + size]).digest()
        self._answer(operation, value, answer)
        if operation == _MEM_END:
            self._value = 0
            self._say(b"OHAI")

    def _write(self, data):
        self.flash[self._at : self._at + len(data)] = data
        if self._corrupt and data:
            self.flash[self._at] ^= 1
        self._at += len(data)

    def _answer(self, operation, value, data):
        self._say(_HEADER.pack(1, operation, len(data) + 2, value) + data + bytes(2))

    def _say(self, packet):
        packet = packet.replace(_ESCAPE, _ESCAPE + b"\xdd").replace(_END, _ESCAPE + b"\xdc")
        os.write(self._ours, _END + packet + _END)
