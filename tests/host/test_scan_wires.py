"""The ways to a bus: a port, a TCP gateway, a node's console; and `sibiao scan` over them."""

import json
import os
import shutil
import socket
import threading
import tty

import pytest
from click.testing import CliRunner
from sibiao.bus.wire import LineRefused, Listening
from sibiao.bus.wire_node import NodeWire, _number, node_wire
from sibiao.bus.wire_port import PortWire
from sibiao.commands.scan import command
from sibiao.config import load
from sibiao.config.constants import config_source
from sibiao.errors import SibiaoError

from tests.host.test_sim_bus_serve import served

REQUEST = bytes.fromhex("1040014116")
FAST = "baud=9600,delay=3"


# --- when enough was heard


def listened(*heard, request=REQUEST, quiet_ms=20, end_ms=300):
    """What is heard (ms, bytes), and when the listening is over."""
    listening = Listening(request, quiet_ms, end_ms)
    coming = dict(heard)
    for ms in range(1000):
        if ms in coming:
            listening.hear(coming[ms], ms)
        if listening.is_over(ms):
            return listening.answer(), ms
    raise AssertionError("it never ends")


def test_quiet_ends_it_and_so_does_the_limit():
    assert listened() == (b"", 300)
    assert listened((50, b"\xe5")) == (b"\xe5", 70)
    babble = [(ms, b"\x00") for ms in range(0, 900, 10)]
    assert listened(*babble) == (b"\x00" * 31, 300)


def test_the_echo_is_no_answer_and_does_not_end_it():
    assert listened((5, REQUEST)) == (b"", 300)
    assert listened((5, REQUEST), (100, b"\xe5")) == (b"\xe5", 120)
    assert listened((5, REQUEST[:2]), (9, REQUEST[2:] + b"\xe5")) == (b"\xe5", 29)
    # With a bit turned over it is no echo to cut off, and yet nothing to stop at.
    spoiled = b"\x11" + REQUEST[1:]
    assert listened((5, spoiled), (100, b"\xe5")) == (spoiled + b"\xe5", 120)


# --- a node's console


class Scripted:
    """A console that says the next of its answers to each command."""

    def __init__(self, *answers):
        self.written = []
        self._answers = list(answers)
        self._out = b""
        self._ms = 0

    def write(self, data):
        self.written.append(data)
        self._out += self._answers.pop(0) if self._answers else b""

    def read(self):
        self._ms += 10
        out, self._out = self._out[:7], self._out[7:]  # in pieces, as a port gives it
        return out

    def now_ms(self):
        return self._ms


HEARD = b'sibiao {"heard": "e5"}\r\n'


def asked(*answers):
    console = Scripted(*answers)
    return NodeWire(console, "the node", 1).exchange(REQUEST, 2400, "E", 250, 50), console


def test_the_command_of_a_nodes_console():
    heard, console = asked(b"boot\r\nsibiao {not json\r\n" + b'sibiao {"uptime_s": 3}\n' + HEARD)
    assert heard == b"\xe5"
    assert console.written == [b"\x10bus 1 2400 E 250 1040014116\n"]


def test_a_bus_that_has_another_job_is_asked_again():
    busy = b'sibiao {"error": "the bus has another job"}\n'
    heard, console = asked(busy, busy, HEARD)
    assert heard == b"\xe5" and len(console.written) == 3
    with pytest.raises(SibiaoError, match="another job"):
        asked(*[busy] * 9)


@pytest.mark.parametrize(
    "answer, words",
    [(b'sibiao {"error": "no command bus"}\n', "no command bus"), (b"hello\n", "firmware")],
)
def test_a_node_that_does_not_ask(answer, words):
    with pytest.raises(SibiaoError, match=words):
        asked(answer)


def answering(near):
    """A node that says who it is, and that its bus acknowledges."""
    line = b""
    while not line.endswith(b"stop"):
        line += os.read(near, 1)
        if line.endswith(b"\x05"):
            os.write(near, b'sibiao {"community": "sample", "uptime_s": 9}\r\n')
        elif line.endswith(b"\n"):
            os.write(near, HEARD)


def test_the_bus_of_a_node_at_a_port():
    near, far = os.openpty()
    tty.setraw(far)
    node = threading.Thread(target=answering, args=(near,), daemon=True)
    node.start()
    with pytest.raises(SibiaoError, match="has no bus 'bus9'"):
        node_wire(os.ttyname(far), "bus9")
    wire = node_wire(os.ttyname(far), "bus")
    assert wire.exchange(REQUEST, 2400, "E", 250, 50) == b"\xe5"
    os.write(far, b"stop")
    node.join(5)
    assert not node.is_alive()
    os.close(near)
    os.close(far)


def test_buses_are_counted_as_the_device_has_them():
    assert _number("bus", load.load("sample")) == 0
    with pytest.raises(SibiaoError, match="has no bus 'bus2'; it has: bus"):
        _number("bus2", load.load("sample"))


# --- the command


def run(*arguments):
    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def configs(tmp_path, monkeypatch):
    """The project's configuration, to which a draft may be added."""
    shutil.copytree(load.directory(), tmp_path / "board_configs")
    return tmp_path / "board_configs"


def test_over_tcp_from_the_bus_to_a_community(configs):
    out = configs / "communities" / "found.toml"
    typed = ["water-mbus-itron-cyble@0/11111111", "water-mbus-elster-falcon@0/71112222"]
    line = ["--link", "mbus", "--baud", "9600", "--parity", "E", "--primary", "0-2"]
    with served(*[f"{t},{FAST}" for t in typed], "--tcp", "0") as name:
        said = run("--port", name, *line, "--tries", "1", "--json", "-o", str(out))
    report = json.loads(said.stdout)
    assert report["complete"] and report["asked"] == [
        {"link": "mbus", "baud": 9600, "parity": "E"}
    ]
    assert [m["profile"] for m in report["meters"]] == [t.partition("@")[0] for t in typed]
    assert report["meters"][0]["readings"][0] == {
        "quantity": "volume",
        "value": "123.49",
        "unit": "m3",
    }
    loaded = load.load(str(out))
    assert "BUSES" in config_source(loaded) and len(loaded.community.points) == 2
    assert {p.line.baud for p in loaded.community.points} == {9600}
    with pytest.raises(SibiaoError, match="exists already"):
        run("--port", name, "-o", str(out))


def test_over_a_pseudo_terminal_as_people_read_it():
    typed = f"heat-cjt188-guangda@00000000004711,energy=40000 kWh,{FAST},parity=N"
    line = ["--link", "cjt188", "--baud", "9600", "--parity", "N"]
    with served(typed, "--pty", "--strict-baud") as name:
        said = run("--port", name, *line).stdout
    for shown in ("cjt188", "9600 8N1", "00000000004711", "heat-cjt188-guangda", "40000000 Wh"):
        assert shown in said, said


@pytest.fixture
def empty_bus():
    near, far = os.openpty()
    yield os.ttyname(far)
    os.close(near)
    os.close(far)


def test_nothing_answers_and_what_to_check(empty_bus):
    said = run(
        "--port", empty_bus, "--link", "mbus", "--baud", "9600", "--parity", "N",
        "--primary", "1", "--tries", "1",
    ).stdout  # fmt: skip
    assert all(word in said for word in ("Nothing answered", "wires", "power", "parity"))


class Stubborn:
    """A port that takes no parity, and afterwards only what it had."""

    baudrate, in_waiting, timeout = 2400, 0, 0.01

    def __init__(self):
        self.taken = "N"

    @property
    def parity(self):
        return self.taken

    @parity.setter
    def parity(self, value):
        if value != "N":
            raise ValueError(f"Not a valid parity: {value!r}")

    def reset_input_buffer(self):
        pass

    def write(self, data):
        pass

    def read(self, n):
        return b""


def test_settings_that_a_port_does_not_take_are_said(empty_bus):
    wire = PortWire(empty_bus)
    wire._con.close()
    wire._con = Stubborn()
    with pytest.raises(LineRefused, match="does not take 2400 baud 8E1"):
        wire.exchange(REQUEST, 2400, "E", 1, 1)
    assert wire.exchange(REQUEST, 2400, "N", 1, 1) == b""


def test_a_port_that_takes_none_of_the_settings(empty_bus, monkeypatch):
    monkeypatch.setattr("sibiao.bus.wire_port.open_port", lambda port: Stubborn())
    with pytest.raises(SibiaoError, match="--parity choose others"):
        run("--port", empty_bus, "--parity", "E", "--baud", "2400")


@pytest.mark.parametrize(
    "arguments, words",
    [
        ([], "where is the bus"),
        (["--port", "a", "--node", "b"], "where is the bus"),
        (["--port", "/dev/none"], "there is no port /dev/none"),
        (["--port", "a", "--address", "123"], "14 digits"),
        (["--port", "a", "--fabrication", "12AB"], "8 digits"),
        (["--port", "a", "--primary", "0-251"], "250 is the highest"),
        (["--port", "a", "--board", "nobody"], "no board named"),
        (["--port", "a", "-o", "/none/x.toml"], "there is no folder"),
        (["--port", "a", "-o", "x.toml", "--bus", "0"], "give --bus: uplink, bus"),
    ],
)
def test_what_cannot_be_scanned_is_said(arguments, words):
    with pytest.raises(SibiaoError, match=words):
        run(*arguments)


def test_a_gateway_that_goes_away_is_one_clear_sentence():
    server = socket.create_server(("127.0.0.1", 0))

    def hang_up():
        server.accept()[0].close()

    threading.Thread(target=hang_up, daemon=True).start()
    wire = PortWire(f"socket://127.0.0.1:{server.getsockname()[1]}")
    with pytest.raises(SibiaoError, match="gone in the middle"):
        for _ in range(3):
            wire.exchange(REQUEST, 2400, "E", 50, 20)
    wire.close()
    server.close()
