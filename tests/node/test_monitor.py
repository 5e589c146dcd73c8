"""A whole converter at ports of this machine, read by clients that are not ours, and watched: at a
tap of its line, and by its own firmware."""

import contextlib
import json
import signal
import subprocess
import sys

import pytest
from dlt645 import MeterClientService

from tests.node import asking
from tests.node.asking import CONVERTER, MS, WATER, S
from tests.node.commanding import command

pytestmark = [pytest.mark.vm, pytest.mark.takes(20)]


@contextlib.contextmanager
def sibiao(*arguments):
    run = [sys.executable, "-m", "sibiao", *arguments]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def ended(child):
    """Ctrl-C, and what it had printed; with its exit code."""
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    return out, err, child.returncode


def address_read(url):
    """By a client that we did not write, its water point's register after that."""
    host, _, port = url.removeprefix("socket://").partition(":")
    service = MeterClientService.new_tcp_client(host, int(port), 5.0)
    service.client.connect()
    service.set_address(bytes.fromhex(WATER)[::-1].hex())
    return service.read_00(0x00010000), service.read_00(0x00020000)


def test_a_converter_its_reader_and_who_listens(tmp_path):
    file = tmp_path / "line.jsonl"
    with sibiao("sim", "converter", "sample", "--meters", "--taps", "--tcp", "0", "--json") as sim:
        places = json.loads(sim.stdout.readline())
        assert set(places) == {"uplink", "console", "uplink tap", "bus tap"}
        line = "monitor", places["uplink tap"], "--community", "sample", "--json"
        own = "monitor", "--node", places["console"], "--community", "sample", "--json"
        with sibiao(*line, "--record", str(file)) as tap, sibiao(*own) as node:
            # It hears its own heat meter: now both listen.
            assert json.loads(node.stdout.readline())["line"] == "bus 1"
            value, unknown = address_read(places["uplink"])
            heard, _, _ = ended(tap)
            told, _, _ = ended(node)
        out, err, code = ended(sim)
    assert (out, code) == ("", 0) and err.endswith("stopped\n")
    assert float(value.value) >= 1234.5 and unknown is None
    *rows, last = [json.loads(row) for row in heard.splitlines()]
    assert [(r["direction"], r["di"], r["error"]) for r in rows[:4]] == [
        ("request", "00010000", None),
        ("answer", "00010000", None),
        ("request", "00020000", None),
        ("answer", "00020000", "no such data"),
    ]
    assert all(row["address"] == WATER for row in rows)
    digits = bytes(b - 0x33 & 0xFF for b in bytes.fromhex(rows[1]["records"][0]["raw"]))
    assert int(digits[::-1].hex()) == round(float(value.value) * 100)
    # The standard's 20 ms to 500 ms, and what a busy computer adds.
    assert 20 <= rows[1]["answer_ms"] < 1000
    counts = last["statistics"]
    assert (counts["requests"], counts["answers"], counts["refused"]) == (2, 2, 1)
    # A replay is the live view.
    replay = [sys.executable, "-m", "sibiao", "monitor", "--replay", str(file)]
    replay += ["--community", "sample", "--json"]
    again = subprocess.run(replay, capture_output=True, text=True, check=True)
    assert again.stdout == heard
    # The firmware itself tells the same frames, and when they came.
    uplink = [row for row in map(json.loads, told.splitlines()) if row.get("line") == "uplink"]
    assert [row["hex"] for row in uplink] == [row["hex"] for row in rows]
    assert [row["direction"] for row in uplink] == [row["direction"] for row in rows]
    assert 15 <= uplink[1]["answer_ms"] < 1000


def told(node):
    lines = node.console_read().decode().splitlines()
    return [json.loads(line[7:]) for line in lines if line.startswith('sibiao {"tap": ')]


def frames(rows, line, sent):
    return "".join(row["hex"] for row in rows if (row["tap"], row["sent"]) == (line, sent)).upper()


def test_the_firmware_tells_what_passes_and_stops_by_itself(run_on):
    def body(node):
        asked = asking.frame(WATER, 0x11, bytes.fromhex("00010000")[::-1])
        assert command(node, "tap 2") == {"tapping": 2, "new": True}
        answer = asking.exchange(node, asked)
        node.run(100 * MS)
        rows = told(node)
        heard = bytes.fromhex(frames(rows, 0, 0))
        sent = bytes.fromhex(frames(rows, 0, 1)).lstrip(b"\xfe")
        assert heard == asked and sent == asking.frame(answer[1], answer[0], answer[2])
        # Its times: what is sent takes as long as the line needs.
        request, answered = (next(r for r in rows if r["sent"] == k) for k in (0, 1))
        assert request["first"] >= request["last"]
        spoken_ms = len(bytes.fromhex(answered["hex"])) * 11000 // 2400
        assert abs(answered["first"] - answered["last"] - spoken_ms) <= 1
        # The bus' poll, too.
        assert node.run_until(lambda: False, 3 * S) is False
        assert frames(told(node), 1, 1).startswith("FEFEFE68")
        # Two seconds after it was asked for it is over, and the node is as before.
        node.run(2 * S)
        node.console_read()
        assert asking.exchange(node, asked) == answer
        node.run(500 * MS)
        assert told(node) == []
        assert "error" in command(node, "tap 61") and "error" in command(node, "tap")
        # It goes on without a gap while it is asked for, and ends when told.
        node.console_write(b"\x10tap 60\n\x10tap 30\n\x10tap 0\n")
        node.run(S)
        said = node.console_read()
        assert said.count(b'"new": true') == 1 and said.count(b'"new": false') == 2
        assert asking.exchange(node, asked) == answer
        assert told(node) == []
        assert asking.report(node)["ended"] == 0

    run_on(body)


def test_heap_comes_back(on_vm):
    def body(node):
        asked = asking.frame(CONVERTER, 0x11, bytes.fromhex("04000401")[::-1])

        def heap():
            asking.exchange(node, asked)
            node.run(4 * S)
            node.console_read()
            return asking.report(node)["heap"]

        command(node, "point 1")
        before = heap()
        for _ in range(3):
            command(node, "tap 1")
            heap()
        # The tap and its code are a multiple of that.
        assert heap() - before < 2048

    on_vm(body)
