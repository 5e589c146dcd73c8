"""The bench's fixtures that are the same for all steps of a module, so that a laboratory's own
fixtures of any scope may use them."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sibiao.lab.stands.stand import Stand


class Session(NamedTuple):
    stand: Stand
    seed: int
    quick: bool


SESSION = pytest.StashKey[Session]()


@pytest.fixture(scope="session")
def stand(request) -> Stand:
    """The module under test in its world."""
    return request.config.stash[SESSION].stand


@pytest.fixture(scope="session")
def seed(request) -> int:
    return request.config.stash[SESSION].seed


@pytest.fixture(scope="session")
def quick(request) -> bool:
    """Whether the whole run has three minutes only."""
    return request.config.stash[SESSION].quick
