"""Sealed DL/T 645 requests and answers, from the text of docs/access.md and the `cryptography`
package alone: what the firmware seals is opened here by other code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq

from sibiao.errors import SibiaoError

_TAG = 8
_REQUEST, _ANSWER, _USED_UP = range(3)


class SealError(SibiaoError):
    """An answer that is not what the converter said to this request."""


class UsedUp(SealError):
    """The counter had been used; `next` is the lowest that will do."""

    def __init__(self, next_: int):
        super().__init__(f"the converter accepts counters from {next_} on; ask again with one")
        self.next = next_


@dataclass(frozen=True)
class Answer:
    control: int
    address: str  # twelve digits
    data: bytes  # plain


def first_counter(now: datetime) -> int:
    """Seconds since 2000: whoever asks no faster than once a second needs to remember nothing."""
    return int((now - datetime(2000, 1, 1)).total_seconds())


class Seal:
    """What a key and a converter's serial number make of its frames. A counter must never be used
    for two different requests."""

    def __init__(self, key: bytes, serial: str):
        if len(key) != 16:
            raise SibiaoError(f"a key has 16 bytes, this one has {len(key)}")
        self._mac_key = _cmac(key, b"\x01" + serial.encode())
        self._enc_key = _cmac(key, b"\x02" + serial.encode())

    def request(
        self, address: str, control: int, data: bytes, counter: int, shift: int = 0x33
    ) -> bytes:
        """A frame, without leading FE. data: plain; shift: what this control code adds to it."""
        wire = bytes.fromhex(address)[::-1]
        count = counter.to_bytes(4, "little")
        secret = self._crypt(_REQUEST, wire, count, data)
        tag = _cmac(self._mac_key, _message(_REQUEST, wire, control, count + secret))[:_TAG]
        body = count + secret + tag
        head = b"\x68" + wire + b"\x68" + bytes((control, len(body)))
        frame = head + bytes((b + shift) & 0xFF for b in body)
        return frame + bytes((sum(frame) & 0xFF, 0x16))

    def answer(self, frame: bytes, counter: int, shift: int = 0x33) -> Answer:
        """The answer to the request with this counter; SealError when it is not genuine."""
        if len(frame) < 12 + 12 or len(frame) != 12 + frame[9]:
            raise SealError(f"no sealed answer: {frame.hex(' ')}")
        wire, control = frame[1:7], frame[8]
        body = bytes((b - shift) & 0xFF for b in frame[10:-2])
        count, secret, tag = body[:4], body[4:-_TAG], body[-_TAG:]
        if count != counter.to_bytes(4, "little"):
            raise SealError("the answer belongs to another request")
        for direction in (_ANSWER, _USED_UP):
            made = _cmac(self._mac_key, _message(direction, wire, control, count + secret))
            if not bytes_eq(made[:_TAG], tag):
                continue
            data = self._crypt(direction, wire, count, secret)
            if direction == _USED_UP:
                raise UsedUp(int.from_bytes(data[1:5], "little"))
            return Answer(control, wire[::-1].hex().upper(), data)
        raise SealError("the answer's seal is broken, or made with another key")

    def _crypt(self, direction: int, wire: bytes, count: bytes, data: bytes) -> bytes:
        nonce = bytes((direction,)) + wire + count
        first = nonce + bytes(16 - len(nonce))
        encryptor = Cipher(algorithms.AES(self._enc_key), modes.CTR(first)).encryptor()
        return encryptor.update(data) + encryptor.finalize()


def _message(direction: int, wire: bytes, control: int, rest: bytes) -> bytes:
    return bytes((direction,)) + wire + bytes((control,)) + rest


def _cmac(key: bytes, message: bytes) -> bytes:
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()
