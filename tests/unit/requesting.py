"""Requests of an electricity meter, and what a station answers, in lines that share nothing with
it. On CPython and on MicroPython."""


def frame(address, control, data=b"", shift=0x33):
    # address: twelve digits, highest first. data: plain.
    return request(wire(address), control, data, shift)


def request(address, control, data=b"", shift=0x33):
    # address: its bytes as on the wire.
    body = bytearray(b"\x68") + address + b"\x68" + bytes((control, len(data)))
    body += bytes([(b + shift) & 0xFF for b in data])
    return bytes(body) + bytes((sum(body) & 0xFF, 0x16))


def wire(digits):
    # As its bytes go over the wire, lowest first.
    return bytes([int(digits[i : i + 2], 16) for i in range(len(digits) - 2, -2, -2)])


def ask(station, request, out):
    # (control, address, plain data) of the answer, None for silence.
    n = station.handle(memoryview(request), out)
    if not n:
        return None
    answer = bytes(out[:n])
    assert answer[0] == answer[7] == 0x68 and answer[-1] == 0x16 and len(answer) == 12 + answer[9]
    assert answer[-2] == sum(answer[:-2]) & 0xFF
    digits = "".join([f"{answer[at]:02X}" for at in range(6, 0, -1)])
    return answer[8], digits, bytes([(b - 0x33) & 0xFF for b in answer[10:-2]])
