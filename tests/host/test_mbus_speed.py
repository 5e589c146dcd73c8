"""The M-Bus benchmark runs; its aim is judged by `make bench`, where the machine is quiet."""

import os

import pytest

from tests.bench.mbus_decode import measure


def test_faster_than_the_other_decoder():
    if not os.environ.get("SIBIAO_VECTORS"):
        pytest.skip("SIBIAO_VECTORS is not set: no published telegrams")
    ratio, explained, per_telegram = measure(rounds=5)
    assert ratio.value > 2 and explained.value > 1
    assert per_telegram.value > 0


def test_says_why_when_it_cannot_measure(monkeypatch):
    monkeypatch.delenv("SIBIAO_VECTORS", raising=False)
    assert {figure.verdict for figure in measure(rounds=1)} == {"not measured"}
