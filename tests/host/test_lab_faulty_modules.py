"""Modules with a fault in their firmware: the bench fails each at the step that is meant for it,
and at no other of its clause. `make soak`: at no other at all, and a sound one at none."""

import pytest
from sibiao.config.load import load
from sibiao.node.pico.fork import run_forked
from sibiao.node.vm.virtual.board import board_files

from tests.faulty_modules import FAULTY, judged

pytestmark = [pytest.mark.vm, pytest.mark.takes(30)]


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """All that the faults leave as it is, once."""
    board_files(load("sample"))


@pytest.mark.parametrize("name", FAULTY)
def test_failed_where_it_must_be(name):
    fault = FAULTY[name]
    said, _ = run_forked(judged, fault, fault.clause)
    assert list(said) == [fault.step], said
