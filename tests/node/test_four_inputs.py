"""A few pulses of what `make bench` sends by the thousand: four inputs, read and committed."""

import pytest

from tests.bench import four_inputs

pytestmark = pytest.mark.takes(20)


@pytest.mark.pico
def test_none_lost_none_extra(pico_image):
    seen = four_inputs.run(30)
    assert seen.whole, seen
    assert seen.commits > 4
