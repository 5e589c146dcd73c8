"""`sibiao monitor --node`: what the node tells of its own lines, and a node that cannot tell."""

import json

import pytest

from tests.host.test_monitor import DI, HEAT_ASKED, READ, Tap, dlt645, run


def test_what_a_node_tells():
    long = dlt645(0x91, DI + bytes(190))
    runs = [
        {"tapping": 30, "new": True},
        {"tap": 0, "sent": 0, "now": 5000, "first": 150, "last": 80, "hex": READ.hex()},
        # It is still being sent: its last byte will have gone in 900 ms.
        {"tap": 0, "sent": 1, "now": 5000, "first": 30, "last": -900, "hex": long.hex()},
        {"tap": 2, "sent": 1, "now": 5040, "first": 50, "last": 40, "hex": HEAT_ASKED.hex()},
        {"lost": 7},
        {"tapping": 30, "new": True},
    ]
    lines = "".join(f"sibiao {json.dumps(run)}\r\nnot a line of ours\r\n" for run in runs)
    with Tap(lines.encode()) as tap:
        result = run("--node", tap.url, "--json", "--seconds", "3")
    *rows, last = [json.loads(line) for line in result.output.splitlines()]
    notices = [row["notice"] for row in rows if "notice" in row]
    assert "no room for 7 bytes" in notices[0] and "started anew" in notices[1]
    frames = [row for row in rows if "notice" not in row]
    assert [(row["line"], row["direction"], row["took_ms"]) for row in frames] == [
        ("uplink", "request", 70), ("uplink", "answer", 930), ("bus 2", "request", 10),
    ]  # fmt: skip
    assert frames[1]["answer_ms"] == 50 and frames[1]["hex"] == long.hex().upper()
    assert last["statistics"]["notices"] == 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('sibiao {"error": "no command tap"}', "refuses `tap`: no command tap"),
        (">>> ", "does not tell what passes"),
    ],
)
def test_a_node_that_cannot_tell(line, said, monkeypatch):
    monkeypatch.setattr("sibiao.monitor.node_tap._ANSWER_S", -7)
    monkeypatch.setattr("sibiao.monitor.node_tap._ASK_EVERY_S", 10)
    with Tap(f"{line}\n".encode()) as tap:
        result = run("--node", tap.url, "--seconds", "20")
    assert said in str(result.exception)
