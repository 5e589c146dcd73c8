"""Which board becomes which unit: by the ledger, else the next row that is nobody's."""

import threading
from pathlib import Path

import pytest
from sibiao.config.load import load
from sibiao.config.units.unit import Unit, columns, template, unit_of
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import slot_files
from sibiao.ledger.file import Ledger
from sibiao.tray.units import Units, holders

SERIALS = [f"SB2600010{n}" for n in range(8)]
BOARDS = [f"e66{n:013}" for n in range(8)]


def rows(loaded, serials):
    """A unit each, its addresses its own."""
    cells = dict(zip(columns(loaded), list(template(loaded))[1], strict=True))
    made = []
    for number, serial in enumerate(serials, 1):
        own = {
            column: serial if column.key == "serial" else f"{number * 100 + place:012}"
            for place, column in enumerate(cells)
            if column.key in ("serial", "address")
        }
        made.append(Unit(serial, cells | own))
    return made


@pytest.fixture
def given(tmp_path):
    """given(serials, replaces): a run of its own on the one ledger."""

    sample = load("sample")

    def run(serials=SERIALS, replaces=False):
        ledger = Ledger(tmp_path / "ledger.jsonl")
        table = rows(sample, serials) if serials else None
        return Units(sample, table, ledger, "test", replaces)

    return run


def held(tmp_path):
    return {
        s: r.data["unit"] for s, r in holders(Ledger(tmp_path / "ledger.jsonl").rows()).items()
    }


def taken(units, board, port=None):
    return units.take(board, port or f"/dev/{board}").community.serial


def test_all_at_once_each_gets_another_row(given, tmp_path):
    # Two runs beside each other, as two tables in one workshop.
    runs = given(), given()
    begin, got = threading.Barrier(len(BOARDS)), {}

    def worker(number):
        begin.wait()
        got[BOARDS[number]] = taken(runs[number % 2], BOARDS[number])

    threads = [threading.Thread(target=worker, args=(n,)) for n in range(len(BOARDS))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(got.values()) == SERIALS
    assert held(tmp_path) == {serial: board for board, serial in got.items()}


def test_a_board_keeps_its_unit(given, tmp_path):
    first = [taken(given(), board) for board in BOARDS[:3]]
    assert first == SERIALS[:3]
    before = len(Ledger(tmp_path / "ledger.jsonl").rows())
    assert [taken(given(), board) for board in reversed(BOARDS[:3])] == first[::-1]
    assert len(Ledger(tmp_path / "ledger.jsonl").rows()) == before
    assert taken(given(), BOARDS[5]) == SERIALS[3]


def test_the_unit_is_the_rows(given):
    unit = given().take(BOARDS[0], "p").community
    assert (unit.serial, unit.address) == (SERIALS[0], "000000000101")
    assert len({unit.address, *(point.address for point in unit.points)}) == 1 + len(unit.points)


def test_other_rows_of_the_ledger_count_too(given, tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append("provision", SERIALS[0], "test", {"unit": BOARDS[7], "error": ""})
    ledger.append("flash", "", "test", {"unit": "", "error": "there is no port"})
    assert taken(given(), BOARDS[0]) == SERIALS[1]
    assert taken(given(), BOARDS[7]) == SERIALS[0]


def test_more_boards_than_rows(given):
    for board in BOARDS[:2]:
        taken(given(SERIALS[:2]), board)
    with pytest.raises(SibiaoError, match="each of the 2 units has its board already"):
        taken(given(SERIALS[:2]), BOARDS[2])


@pytest.mark.parametrize("serials", [None, SERIALS[:1]])
def test_one_unit_is_one_board(given, tmp_path, serials):
    serial = serials[0] if serials else load("sample").community.serial
    assert taken(given(serials), BOARDS[0]) == serial
    with pytest.raises(SibiaoError, match=rf"unit {serial} is board {BOARDS[0]} already \(row 1"):
        taken(given(serials), BOARDS[1])
    assert taken(given(serials, replaces=True), BOARDS[1]) == serial
    assert held(tmp_path) == {serial: BOARDS[1]}
    with pytest.raises(SibiaoError, match=f"is board {BOARDS[1]} already"):
        taken(given(serials), BOARDS[0])


def test_one_id_at_two_ports(given):
    units = given()
    assert taken(units, BOARDS[0], "/dev/a") == SERIALS[0]
    assert taken(units, BOARDS[0], "/dev/a") == SERIALS[0]
    with pytest.raises(SibiaoError, match="is at /dev/a, too: take one away"):
        taken(units, BOARDS[0], "/dev/b")


def test_a_ledger_that_was_changed_gives_nothing_out(given, tmp_path):
    taken(given(), BOARDS[0])
    path = Path(tmp_path / "ledger.jsonl")
    path.write_bytes(path.read_bytes().replace(BOARDS[0].encode(), BOARDS[1].encode()))
    with pytest.raises(SibiaoError, match="was changed"):
        taken(given(), BOARDS[2])


@pytest.mark.parametrize("name", ["sample", "sealed-dwelling", "heat-block-a", "mixed-water"])
def test_a_units_files_are_the_communitys_but_for_its_configuration(name):
    loaded = load(name)
    unit = unit_of(loaded, rows(loaded, ["SB99999999"])[0])
    files, made = slot_files(loaded), slot_files(unit)
    assert files.keys() == made.keys()
    assert [path for path in made if made[path] != files[path]] == ["config.mpy"]
