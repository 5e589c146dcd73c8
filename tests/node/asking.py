"""Asking a node as an electricity meter does, in a few lines that share nothing with it."""

import json

MS = 1_000_000
S = 1000 * MS
UPLINK, BUS, PULSE_PIN = 0, 1, 15
CONVERTER, WATER, HEAT = "000000000001", "000000000301", "000000000302"


def frame(address, control, data=b""):
    body = b"\x68" + bytes.fromhex(address)[::-1] + b"\x68" + bytes((control, len(data)))
    body += bytes((b + 0x33) & 0xFF for b in data)
    return body + bytes((sum(body) & 0xFF, 0x16))


def exchange(node, request, limit_ns=S, baud=2400, uart=UPLINK):
    """(control, address, plain data) of the answer to raw bytes, or None for silence."""
    line = node.line(uart)
    got = bytearray()
    line.on_byte = got.append
    line.settings(baud, "E")
    line.send(request)

    def whole():
        at = got.find(b"\x68")
        return at >= 0 and len(got) - at >= 12 and len(got) - at >= 12 + got[at + 9]

    if not node.run_until(whole, limit_ns):
        assert not got, f"part of an answer: {got.hex()}"
        return None
    node.run(20 * MS)
    answer = bytes(got[got.find(b"\x68") :])
    assert answer[-2] == sum(answer[:-2]) & 0xFF and answer[-1] == 0x16
    plain = bytes((b - 0x33) & 0xFF for b in answer[10:-2])
    return answer[8], answer[1:7][::-1].hex(), plain


def read(node, address, di, limit_ns=S, **line):
    """The BCD digits of a register as a number, or the error word of a refusal as `b"..."`."""
    what = bytes.fromhex(di)[::-1]
    control, who, data = exchange(node, b"\xfe" * 4 + frame(address, 0x11, what), limit_ns, **line)
    assert who == address
    if control == 0xD1:
        return data
    assert control == 0x91 and data[:4] == what
    return int(data[4:][::-1].hex())


def pulses(node, count, closed_ns=30 * MS, open_ns=30 * MS, gpio=PULSE_PIN):
    """Clean pulses of a contact that closes to ground."""
    for _ in range(count):
        node.set_pin(gpio, 0)
        node.run(closed_ns)
        node.set_pin(gpio, 1)
        node.run(open_ns)
    node.run(300 * MS)


def at_work(node, limit_ns=10 * S):
    """Let a node start until it asks its heat meter."""
    asked = []
    bus = node.line(BUS)
    bus.on_byte = asked.append
    bus.settings(2400, "E")
    node.set_pin(PULSE_PIN, 1)
    assert node.run_until(lambda: bool(asked), limit_ns), console(node)
    return node


def console(node):
    return node.console_read().decode(errors="replace")


def report(node, limit_ns=3 * S):
    """The node's own report, asked by ENQ."""
    seen = bytearray()
    node.console_write(b"\x05")

    def done():
        seen.extend(node.console_read())
        return b"sibiao {" in seen and seen.endswith(b"\n")

    assert node.run_until(done, limit_ns), bytes(seen)
    return json.loads(seen[seen.index(b"sibiao {") + 7 :])
