"""Commands of a node's console, and what it answers."""

import json

from tests.node.asking import S


def command(node, text, limit_ns=3 * S):
    """The node's answer to a command line; AssertionError with all it printed if there is none."""
    seen = bytearray(node.console_read())
    seen.clear()
    node.console_write(b"\x02" + text.encode() + b"\n")

    def done():
        seen.extend(node.console_read())
        return b"sibiao {" in seen and seen.endswith(b"\n")

    assert node.run_until(done, limit_ns), bytes(seen)
    return json.loads(seen[seen.index(b"sibiao {") + 7 :])


def events(node, most=32):
    """(code, detail, value, since) of the newest events, newest first."""
    found = {}  # by sequence number: a new one meanwhile shifts those behind it
    for back in range(most):
        event = command(node, f"event {back}")["event"]
        if event is None:
            break
        code, detail, sequence, _, value, since = event
        found[sequence] = (code, detail, value, since)
    return [found[sequence] for sequence in sorted(found, reverse=True)]
