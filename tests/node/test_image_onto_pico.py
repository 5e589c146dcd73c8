"""MicroPython itself onto an emulated Pico: by its port, and by the drive of its bootloader."""

import json

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo
from sibiao.board import drive as drives
from sibiao.board.image import bring
from sibiao.board.prompt import prompt
from sibiao.errors import SibiaoError
from sibiao.ledger.file import Ledger
from sibiao.node.pico import EmulatedPico

from tests.node.boot_rom import board_with_drive, come
from tests.node.tool import said

pytestmark = pytest.mark.pico


@pytest.fixture
def places(tmp_path, monkeypatch):
    """(port, drive): where they are while the board has them."""
    port, drive = tmp_path / "ttyACM0", tmp_path / "RPI-RP2"
    monkeypatch.setattr(drives, "_mounted", lambda: [drive])
    monkeypatch.setattr(
        list_ports, "comports", lambda: [ListPortInfo(str(port))] if port.exists() else []
    )
    return port, drive


def files_on(port):
    # A tool that has ended restarts the board, and what is sent to it meanwhile is lost.
    for again in (True, False):
        try:
            with prompt(port) as board:
                return board.run("import os\nprint(sorted(os.listdir()))").strip()
        except SibiaoError as error:
            if not again or "stopped answering" not in str(error):
                raise


def test_running_board_by_its_port(places, sample, pico_image):
    port, drive = places
    pico = EmulatedPico(pico_image, files={"/kept": b""})
    pico.boot()
    said = []
    with board_with_drive(pico_image, port, drive, pico):
        come(port)
        assert bring(str(port), sample, pico_image, said.append) == str(port)
        assert not drive.exists()
        assert files_on(str(port)) == "['kept']"
    assert said[0] == "MicroPython: sending the board to its bootloader"
    assert said[1] == f"MicroPython: copying to {drive}"
    assert said[-1] == "MicroPython: waiting for its prompt"


def test_bare_board_by_its_drive(places, sample, pico_image):
    port, drive = places
    with board_with_drive(pico_image, port, drive):
        come(drive / "INFO_UF2.TXT")
        assert bring(str(drive), sample, pico_image, lambda text: None) == str(port)
        assert files_on(str(port)) == "[]"


def test_the_command_goes_on_with_the_board_that_came(places, sample, pico_image, tmp_path):
    """From the drive to the board's id: its unit is another board's, which ends it quickly."""
    port, drive = places
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.append("assigned", sample.community.serial, "test", {"unit": "e660"})
    with board_with_drive(pico_image, port, drive):
        come(drive / "INFO_UF2.TXT")
        given = ("--all", "--image", str(pico_image), "--ledger", str(ledger.path), "--json")
        code, out, sentence = said("flash", "sample", *given)
        assert files_on(str(port)) == "[]"
    told = json.loads(out)
    assert (code, told["verdict"], told["port"]) == (1, "failed", str(drive))
    assert told["steps"] == {"MicroPython": f"from {pico_image.name}"}
    assert f"is board e660 already (row 1 of {ledger.path}), and this board is" in sentence
    assert sentence == told["error"] == ledger.rows()[1].data["error"]
    assert len(told["board_id"]) == 16
