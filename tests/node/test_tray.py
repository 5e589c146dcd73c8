"""Several boards in one run of `sibiao flash`, some with a fault; python -m tests.soak.tray has
all eight of them, and a kill at every step."""

import pytest

from tests.node.tray_faults import Faults

pytestmark = pytest.mark.vm


@pytest.mark.pico
def test_faults_cost_no_other_board_and_the_same_command_mends_them(tmp_path, pico_image):
    Faults(tmp_path, pico_image, sound=2, confirm_s=20).run()
