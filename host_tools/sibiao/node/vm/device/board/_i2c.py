"""machine.I2C: each message is a question to the bench, which is the bus and its chips."""

import struct

import _bench
import _pin
import _pose

_READ, _STOP = 1, 2
_NOT_ACKNOWLEDGED = 0xFFFF
_EIO, _ENODEV, _ETIMEDOUT = 5, 19, 110
_LONGEST = 65000
# The pins a Pico takes when none are given: SCL, SDA.
_DEFAULT_PINS = ((5, 4), (7, 6))


class I2C:
    def __init__(self, id=0, freq=400000, *, scl=None, sda=None, timeout=50000):
        if id not in _pose.i2cs:
            raise ValueError("I2C(%r) doesn't exist" % (id,))
        self._id = id
        self._freq = freq
        self._timeout = timeout
        if _pose.pins_fixed:
            if scl is not None or sda is not None:
                raise ValueError("explicit choice of scl/sda is not implemented")
            self._scl, self._sda = _pose.i2cs[id][0][0], _pose.i2cs[id][1][0]
            return
        default = _DEFAULT_PINS[id]
        self._scl = default[0] if scl is None else _pin.number(scl)
        self._sda = default[1] if sda is None else _pin.number(sda)
        _pose.pins(_pose.i2cs, id, (("SCL", self._scl), ("SDA", self._sda)))

    def _pass(self, address, flags, data, to_read):
        if not 0 <= address <= 0x7F:
            raise ValueError("I2C: address %r is not one of 7 bits" % (address,))
        if len(data) > _LONGEST or to_read > _LONGEST:
            raise ValueError("I2C: messages of more than %d bytes are not simulated" % _LONGEST)
        # The time-out is for the whole message, of nine bits a byte.
        room = self._timeout * self._freq // 9000000
        too_long = len(data) > room or to_read > room
        if too_long:
            data = data[:room]
            to_read = min(to_read, room)
            flags &= ~_STOP
        question = struct.pack("<BBHI", address, flags, to_read, self._freq)
        acknowledged, answer = _bench.ask(_bench.I2C, self._id, question + data)
        if acknowledged == _NOT_ACKNOWLEDGED:
            # MicroPython moves the pins itself when there is nothing to send, with another error.
            raise OSError(_EIO if data or to_read else _ENODEV)
        if too_long:
            raise OSError(_ETIMEDOUT)
        return acknowledged, answer

    def scan(self):
        found = []
        for address in range(0x08, 0x78):
            try:
                self.writeto(address, b"")
            except OSError:
                continue
            found.append(address)
        return found

    def writeto(self, addr, buf, stop=True):
        return self._pass(addr, _STOP if stop else 0, bytes(buf), 0)[0]

    def readfrom_into(self, addr, buf, stop=True):
        view = memoryview(buf)
        answer = self._pass(addr, _READ | (_STOP if stop else 0), b"", len(view))[1]
        view[:] = memoryview(answer)[: len(view)]

    def readfrom(self, addr, nbytes, stop=True):
        data = bytearray(nbytes)
        self.readfrom_into(addr, data, stop)
        return bytes(data)

    def writeto_mem(self, addr, memaddr, buf, *, addrsize=8):
        self.writeto(addr, _memory_address(memaddr, addrsize) + bytes(buf))

    def readfrom_mem_into(self, addr, memaddr, buf, *, addrsize=8):
        self.writeto(addr, _memory_address(memaddr, addrsize), False)
        self.readfrom_into(addr, buf)

    def readfrom_mem(self, addr, memaddr, nbytes, *, addrsize=8):
        data = bytearray(nbytes)
        self.readfrom_mem_into(addr, memaddr, data, addrsize=addrsize)
        return bytes(data)

    def __repr__(self):
        return "I2C(%d, freq=%d, scl=%d, sda=%d, timeout=%d)" % (
            self._id,
            self._freq,
            self._scl,
            self._sda,
            self._timeout,
        )


def _memory_address(address, size):
    return bytes(address >> shift & 0xFF for shift in range(size - 8, -1, -8))
