"""What every step attaches: the bytes that passed while it ran."""

import pytest


@pytest.fixture(autouse=True)
def lines(stand, attach):
    stand.log.rows.clear()
    yield
    if text := stand.log.text():
        attach("lines.txt", text.encode())
