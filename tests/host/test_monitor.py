"""`sibiao monitor`: whose answer is whose, what is counted, shown, recorded and replayed; and that
a busy line loses nothing."""

import json
import socket
import threading
import time

import pytest
from click.testing import CliRunner
from sibiao.commands import decode, monitor
from sibiao.errors import SibiaoError
from sibiao.monitor.piece import ANSWER, REQUEST, Notice, Piece, from_json
from sibiao.monitor.seen import NO_ANSWER, NOISE, Profiles
from sibiao.monitor.session import Session
from sibiao.monitor.wanted import Wanted

pytestmark = pytest.mark.takes(20)

METER = "000000000301"


def dlt645(control, data=b"", address=METER):
    body = b"\x68" + bytes.fromhex(address)[::-1] + b"\x68" + bytes((control, len(data)))
    body += bytes((b + 0x33) & 0xFF for b in data)
    return body + bytes((sum(body) & 0xFF, 0x16))


DI = bytes.fromhex("00010000")[::-1]
READ = dlt645(0x11, DI)
ANSWERED = dlt645(0x91, DI + bytes.fromhex("50341200"))
REFUSED = dlt645(0xD1, b"\x02")
TIME = dlt645(0x08, bytes(6), "999999999999")
HEAT_ASKED = bytes.fromhex("6810180212202000000103901F009716")
HEAT = bytes.fromhex("6810180212202000008116901F00000200002C000200002C0000000000000000FF8516")
NKE, ACK = bytes.fromhex("1040014116"), b"\xe5"


def piece(time_ms, data, link="dlt645", direction=None, line=""):
    return Piece(1_764_000_000_000 + time_ms, 10, line, direction, link, data)


def session(pieces, **wanted):
    told = []
    here = Session(Profiles(), Wanted(**wanted), told.append)
    for each in pieces:
        here.take(each)
    return told, here.statistics


def test_answers_refusals_repeats_and_silence():
    told, counts = session(
        [
            piece(0, READ), piece(60, ANSWERED),
            piece(1000, READ), piece(2000, READ), piece(2060, REFUSED),
            piece(3000, TIME),  # nobody answers everybody
            piece(4000, dlt645(0x11, DI, "000000000302")), piece(4050, ANSWERED),
            piece(5000, READ),
        ]
    )  # fmt: skip
    assert [(one.event, one.direction, one.retry, one.answer_ms) for one in told] == [
        ("frame", REQUEST, False, None), ("frame", ANSWER, False, 50),
        ("frame", REQUEST, False, None),
        (NO_ANSWER, REQUEST, False, None),
        ("frame", REQUEST, True, None), ("frame", ANSWER, False, 50),
        ("frame", REQUEST, False, None),
        ("frame", REQUEST, False, None), ("frame", ANSWER, False, None),
        (NO_ANSWER, REQUEST, False, None),
        ("frame", REQUEST, False, None),
    ]  # fmt: skip
    assert told[5].error == "no such data" and told[8].error == "nobody asked for it"
    assert told[5].di == "00010000", "a refusal is of its request's identifier"
    assert (counts.requests, counts.answers, counts.refused) == (6, 2, 1)
    # The last request may still be answered.
    assert (counts.unanswered, counts.retries, counts.unasked) == (2, 1, 1)
    assert counts.answer_ms == [0, 0, 2, 0, 0, 0, 0] and counts.bytes == sum(
        len(one.piece.data) for one in told if one.event != NO_ANSWER
    )


def test_the_other_links_are_judged_by_the_firmware():
    told, counts = session(
        [
            piece(0, HEAT_ASKED, "cjt188"), piece(90, HEAT, "cjt188"),
            piece(500, NKE, "mbus"), piece(530, ACK, "mbus"),
            piece(900, HEAT_ASKED, "cjt188"), piece(990, ANSWERED),
        ]
    )  # fmt: skip
    assert [one.answer_ms for one in told] == [None, 80, None, 20, None, None]
    assert told[1].values[0] == "volume 2 m3" and told[3].address == "1"
    assert told[5].error == "nobody asked for it" and counts.answers == 2


def test_lines_and_echoes_are_kept_apart():
    told, counts = session(
        [
            piece(0, READ, direction=REQUEST, line="uplink"),
            piece(10, HEAT_ASKED, "cjt188", REQUEST, "bus 1"),
            piece(20, HEAT_ASKED, "cjt188", ANSWER, "bus 1"),
            piece(60, ANSWERED, direction=ANSWER, line="uplink"),
            piece(90, HEAT, "cjt188", ANSWER, "bus 1"),
        ]
    )
    assert [one.answer_ms for one in told] == [None, None, None, 50, 70]
    assert "echo" in told[2].note and (counts.requests, counts.answers) == (2, 2)


def test_noise_says_what_is_wrong_with_it():
    damaged = READ[:-2] + bytes([READ[-2] ^ 1]) + READ[-1:]
    told, counts = session([piece(0, damaged, None), piece(900, b"\x55\xaa", None)])
    assert [one.event for one in told] == [NOISE, NOISE] and "checksum" in told[0].error
    assert (counts.strange_pieces, counts.strange_bytes, counts.checksum_errors) == (2, 18, 1)


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        ({"addresses": ("00002020120218",)}, 2),
        ({"links": ("dlt645",)}, 3),
        ({"dis": ("0001",)}, 3),
        ({"dis": ("901f",)}, 2),
        ({"direction": ANSWER}, 2),
        ({"direction": ANSWER, "links": ("cjt188",)}, 1),
        ({"faults_only": True}, 2),
    ],
)
def test_filters_hide_rows_and_change_no_count(wanted, rows):
    pieces = [
        piece(0, READ), piece(50, ANSWERED), piece(500, READ),
        piece(900, HEAT_ASKED, "cjt188"), piece(990, HEAT, "cjt188"),
        piece(2000, b"\x00", None),
    ]  # fmt: skip
    told, counts = session(pieces, **wanted)
    # The request at 500 has no answer when the next one comes.
    assert len(told) == rows + ("addresses" not in wanted and rows == 3)
    assert (counts.requests, counts.unanswered, counts.frames.total()) == (3, 1, 5)


def test_a_recording_is_the_pieces():
    for each in (piece(3, READ), piece(4, b"\x00", None, ANSWER, "bus 1"), Notice(5, "lost")):
        assert from_json(json.dumps(each.as_json()), "here") == each


def run(*arguments, stdin=None):
    result = CliRunner().invoke(monitor.command, arguments, input=stdin)
    if result.exception and not isinstance(result.exception, SibiaoError | SystemExit):
        raise result.exception
    return result


class Tap:
    """A TCP port that sends what a line would say."""

    def __init__(self, *parts, pause_s=0.0):
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(20)
        self.url = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self._parts, self._pause_s = parts, pause_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._speak, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def _speak(self):
        client, _ = self._server.accept()
        self._over.wait(1)  # what comes while a port is being opened is thrown away
        with client:
            for part in self._parts:
                client.sendall(part)
                time.sleep(self._pause_s)
            self._over.wait(60)

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        self._server.close()


def test_a_busy_line_loses_nothing_and_its_replay_is_the_same(tmp_path):
    stream = b"".join((READ, ANSWERED, b"\x00\x68\x55", HEAT_ASKED, HEAT)) * 300
    file = tmp_path / "line.jsonl"
    with Tap(stream) as tap:
        live = run(tap.url, "--json", "--record", str(file), "--seconds", "8")
    assert live.exit_code == 0
    recorded = [json.loads(line) for line in file.read_text().splitlines()]
    assert bytes.fromhex("".join(row["hex"] for row in recorded)) == stream
    *rows, last = [json.loads(line) for line in live.output.splitlines()]
    assert last["statistics"]["frames"] == {"cjt188": 600, "dlt645": 600}
    assert last["statistics"]["strange_bytes"] == 900 and len(rows) == len(recorded)
    assert run("--replay", str(file), "--json").output == live.output


def test_two_ports_are_two_directions():
    with (
        Tap(READ, NKE, pause_s=2) as asking,
        Tap(b"", ANSWERED[:9], ANSWERED[9:], pause_s=0.5) as to,
    ):
        result = run(asking.url, to.url, "--json", "--seconds", "5")
    *rows, _ = [json.loads(line) for line in result.output.splitlines()]
    assert [(row["direction"], row["link"]) for row in rows] == [
        ("request", "dlt645"), ("answer", "dlt645"), ("request", "mbus"),
    ]  # fmt: skip
    # Its first byte came half a second after the request, its last one another half later.
    assert 300 < rows[1]["answer_ms"] < 900 and 300 < rows[1]["took_ms"] < 900


def test_for_people_it_is_plain_where_nobody_looks(tmp_path):
    file = tmp_path / "line.jsonl"
    rows = [piece(0, READ), piece(60, ANSWERED), piece(900, b"\x00\x01", None)]
    file.write_text("".join(json.dumps(row.as_json()) + "\n" for row in rows))
    result = run("--replay", str(file), "--hex")
    assert "\x1b" not in result.output
    lines = result.output.splitlines()
    assert "→ dlt645 000000000301   read data, request 00010000" in lines[0]
    assert READ.hex(" ").upper() in lines[1]
    assert "(50 ms)" in lines[2] and "2 bytes of no frame: 00 01" in lines[4]
    assert "1 requests, 1 answers (0 refuse), 0 unanswered" in result.output


def test_decode_reads_a_recording(tmp_path):
    file = tmp_path / "line.jsonl"
    rows = [piece(0, b"\xfe" + READ), Notice(1, "some were lost"), piece(2, HEAT, "cjt188")]
    file.write_text("".join(json.dumps(row.as_json()) + "\n" for row in rows))
    result = CliRunner().invoke(decode.command, ["-"], input=file.read_text())
    said = [json.loads(line) for line in result.output.splitlines()]
    assert [(row["link"], row["valid"]) for row in said] == [("dlt645", True), ("cjt188", True)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "what is to be shown?"),
        (["a", "b", "c"], "what is to be shown?"),
        (["a", "--node", "b"], "what is to be shown?"),
        (["--replay", "none.jsonl"], "cannot be read"),
        (["none", "--di", "xyz"], "--di 'xyz'"),
        (["/dev/no-such-port"], "there is no port"),
        (["none", "--record", "no/such/folder/x.jsonl"], "it cannot be written"),
        (["none", "--profile", "no-such"], "no-such"),
        (["--replay", __file__], "test_monitor.py:1: this is no line of a recording"),
    ],
)
def test_mistakes_are_told(arguments, said):
    assert said in str(run(*arguments).exception)


def test_a_recording_is_never_overwritten(tmp_path):
    file = tmp_path / "line.jsonl"
    file.write_text("precious")
    result = run("none", "--record", str(file))
    assert "exists already" in str(result.exception) and file.read_text() == "precious"


def test_a_port_that_goes_is_told_after_what_was_heard():
    with Tap(READ) as tap:
        threading.Timer(2, tap._over.set).start()
        result = run(tap.url, "--json", "--seconds", "30")
    assert "is gone" in str(result.exception)
    assert json.loads(result.output.splitlines()[0])["address"] == METER
