"""The generator's firmware put on a board by mpremote's transport, as `sibiao generator` does."""

import pytest
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import image_files
from sibiao.lab.generator.board import generator_files, install
from sibiao.node.vm.serve import ConsolePty

from tests.node.asking import S
from tests.node.flashing import run_beside

pytestmark = pytest.mark.vm


def test_only_what_differs_is_copied_and_the_rest_is_left(board):
    node = board("", files={"/boot.py": b"", "/generator/old.mpy": b"of yesterday"})
    with ConsolePty(node) as port:
        first = run_beside(node, install, port.path)
        node.run(S)  # it starts again
        again = run_beside(node, install, port.path)
    there = node.flash_files()
    files = generator_files()
    assert sorted(first) == sorted(files) and again == []
    assert {path: data for path, data in there.items() if path != "/boot.py"} == files
    assert there["/boot.py"] == b""


def test_a_converter_stays_one(sample, board):
    node = board(files=image_files(sample))
    before = node.flash_files()
    del before["/slots/born"]  # it has records soon
    with (
        ConsolePty(node) as port,
        pytest.raises(SibiaoError, match="is a converter, and stays one"),
    ):
        run_beside(node, install, port.path)
    assert {k: v for k, v in node.flash_files().items() if k in before} == before
