"""Several boards in one run of `sibiao flash`, some with a fault; python -m tests.soak.tray has
all eight of them and an emulated Pico, and a kill at every step."""

import pytest

from tests.node.tray_faults import Faults

pytestmark = pytest.mark.vm


def test_faults_cost_no_other_board_and_the_same_command_mends_them(tmp_path):
    Faults(tmp_path, sound=2).run()
