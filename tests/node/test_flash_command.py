"""`sibiao flash` as a whole: keys, self-test, addresses over the uplink, Ctrl-C, the ledger."""

import json
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sibiao.board.found import who
from sibiao.config.load import load
from sibiao.config.units.unit import template
from sibiao.ledger.file import Ledger

from tests.node import asking
from tests.node.asking import MS, S
from tests.node.bridge import Bridge
from tests.node.flashing import (
    VmBoard,
    at_once,
    board_files,
    changed,
    counted,
    counted_before,
    run_beside,
)
from tests.node.tool import said

pytestmark = pytest.mark.vm


class Bench:
    """A board, its uplink as a TCP port, and the command."""

    def __init__(self, folder, files, community="sample"):
        self.folder = Path(folder)
        self.ledger = Ledger(self.folder / "ledger.jsonl")
        self.board = VmBoard(files)
        self.bridge = Bridge(self.board.node)
        self.arguments = ["flash", community, "--port", self.board.path, "--json"]
        self.arguments += ["--ledger", str(self.ledger.path), "--by", "test"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.bridge.close()
        self.board.__exit__()

    def flash(self, *more):
        """(exit code, what its line says)."""
        code, out, _ = run_beside(
            self.board.node, said, *self.arguments, *more, beside=self.bridge.pass_on
        )
        return code, json.loads(out)


def in_folder(scenario, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        scenario(folder, *arguments)


def key_once_and_addresses_over_the_uplink(folder):
    loaded = load("sealed-dwelling")
    with Bench(folder, {}, loaded.name) as bench:
        table = bench.folder / "units.csv"
        write_units(table, changed(loaded, address="000000009599"))
        given = ("--units", str(table), "--keys", folder, "--uplink", bench.bridge.url)
        code, told = bench.flash(*given)
        assert (code, told["verdict"], told["error"]) == (0, "flashed", "")
        key = bench.folder / "SB26000095.key"
        assert told["steps"]["key"] == f"written, made in {key}"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert told["steps"]["addresses"].startswith(
            "000000009599, 000000009501, 000000009502 read"
        )
        assert "water written, pulse1 open; clock not set" in told["steps"]["self-test"]
        assigned, row = bench.ledger.rows()
        assert (assigned.kind, row.kind) == ("assigned", "flash")
        assert row.serial == assigned.serial == told["report"]["serial"] == "SB26000095"
        assert row.data["unit"] == assigned.data["unit"] == told["board_id"]
        assert row.data["points"]["heat"] == {"address": "000000009502"}
        assert key.read_text().strip() not in bench.ledger.path.read_text()
        # The key's counters must not begin anew. The contact is told as it is.
        bench.board.node.set_pin(asking.PULSE_PIN, 0)
        made = key.read_bytes()
        code, told = bench.flash(*given)
        assert (code, told["verdict"], told["copied"]) == (0, "kept", [])
        assert told["steps"]["key"] == "as row 2 of the ledger says"
        assert "pulse1 closed" in told["steps"]["self-test"]
        assert key.read_bytes() == made


def write_units(path, loaded):
    path.write_text("\n".join(",".join(map(str, row)) for row in template(loaded)) + "\n")


def uplink_that_is_another_boards(folder):
    sample = load("sample")
    stranger = VmBoard(board_files(changed(sample, address="000000000077")))
    with Bench(folder, board_files(sample)) as bench, stranger:
        asking.at_work(stranger.node)
        bridge = Bridge(stranger.node)

        def beside():
            bridge.pass_on()
            stranger.node.run(1 * MS)

        code, out, sentence = run_beside(
            bench.board.node, said, *bench.arguments, "--uplink", bridge.url, beside=beside
        )
        bridge.close()
        told = json.loads(out)
        assert (code, told["verdict"], told["slot"]) == (1, "failed", "a")
        assert "the converter of unit SB26000001 does not answer to 000000000001" in sentence
        assert bench.ledger.rows()[-1].data["error"] == sentence


def records_of_another_unit(folder):
    """A board that counted as another unit: its records are that one's, and stay."""
    sample = load("sample")
    points = [
        point.model_copy(update={"address": f"00000000080{number}"})
        for number, point in enumerate(sample.community.points)
    ]
    before = changed(sample, points=points)
    state = counted_before(before)
    with Bench(folder, board_files(before, state=state)) as bench:
        code, told = bench.flash()
        assert (code, told["verdict"], told["slot"]) == (1, "failed", "b")
        assert "the record of water-301 is lost, or another unit's" in told["error"]
        (row,) = (row for row in bench.ledger.rows() if row.kind == "flash")
        assert (row.data["verdict"], row.data["error"]) == ("failed", told["error"])
        assert "points" not in row.data  # no label of it
        assert counted(bench.board.files()) == counted(state)


def end_by_ctrl_c(folder):
    sample = load("sample")
    with Bench(folder, board_files(changed(sample, serial="SB26000099"))) as bench:
        command = [sys.executable, "-m", "sibiao", *bench.arguments]

        def tool():
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as running:
                for line in running.stderr:
                    if ": copying" in line:
                        running.send_signal(signal.SIGINT)
                        break
                out, err = running.communicate(timeout=60)
                return running.returncode, out, err

        code, out, err = run_beside(bench.board.node, tool)
        told = json.loads(out)
        assert (code, told["verdict"], told["slot"]) == (1, "interrupted", "a")
        assert "sibiao: ended: the board starts slot a as before; repeat" in err
        assert "Traceback" not in err
        # Without a power cut: it was not left in maintenance.
        asking.at_work(bench.board.node, 5 * S)
        assert bench.board.report()["serial"] == "SB26000099"
        assert bench.ledger.rows()[-1].data["verdict"] == "interrupted"


def who_is_there(folder):
    """Asked without an interruption: at a bare prompt, and of a running node."""
    with VmBoard({}) as board:
        told = board.run(who, board.path)
        assert told["prompt"].endswith("RP2040") and len(told["board_id"]) == 16
        assert board.run(who, board.path) == told
    with VmBoard(board_files(load("sample"))) as board:
        asking.at_work(board.node)
        said = {"community": "sample", "serial": "SB26000001"}
        assert board.run(who, board.path) == said | {"board_id": told["board_id"]}
        assert board.node.starts == ["power"]
        board.node.power_cut()
        # In the middle of its start it says nothing yet, and takes nothing for a request.
        board.run(who, board.path)
        asking.at_work(board.node)
        assert board.node.starts == ["power"] * 2


SCENARIOS = (
    who_is_there,
    key_once_and_addresses_over_the_uplink,
    uplink_that_is_another_boards,
    records_of_another_unit,
    end_by_ctrl_c,
)


@pytest.fixture(scope="module")
def lives():
    yield from at_once({scenario: (in_folder, scenario) for scenario in SCENARIOS})


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_flash(lives, scenario):
    lives[scenario].result()
