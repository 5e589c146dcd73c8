"""Several boards in one run of `sibiao flash`, some with a fault; python -m tests.soak.tray has
all eight of them and an emulated Pico, and a kill at every step."""

import pytest

from tests.node.tray import Tray
from tests.node.tray_faults import Faults, expect_counted
from tests.node.tray_kills import kill

pytestmark = [pytest.mark.vm, pytest.mark.takes(70)]


def test_faults_cost_no_other_board_and_the_same_command_mends_them(tmp_path):
    Faults(tmp_path, sound=2).run()


def test_board_that_is_dead_after_its_reset(tmp_path):
    with Tray(tmp_path) as tray:
        board = tray.add_old(die_at=2)
        port = str(board.path)
        code, lines, said = tray.flash(confirm_s=3)
        assert (code, lines[port]["verdict"], lines[port]["slot"]) == (1, "failed", None)
        assert f"the node on {port} did not report within 3 s" in said
        board.repaired()
        code, lines, said = tray.flash()
        assert (code, lines[port]["verdict"], lines[port]["slot"]) == (0, "kept", "b"), said
        expect_counted(board)
        verdicts = [row.data["verdict"] for row in tray.ledger.rows() if row.kind == "flash"]
        assert verdicts == ["failed", "kept"]


def test_killed_tool_leaves_every_board_its_old_slot(tmp_path):
    assert kill(tmp_path, boards=2, number=0, at="copying /b/") < 2
