"""A bounded share of `make fuzz`."""

import pytest

from tests.fuzz.campaign import run
from tests.fuzz.links import LINKS


@pytest.mark.parametrize("link", LINKS)
def test_share(link):
    share = run(link, 0, 20_000)
    assert share.frames == 20_000
    assert share.found > 5_000
    assert share.answered > 100
