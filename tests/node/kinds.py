"""Kinds of node that a test runs on, as parameters of the fixture `run_on`."""

import pytest

VM = pytest.param("vm", marks=pytest.mark.vm)
PICO = pytest.param("pico", marks=pytest.mark.pico)
PICO_IN_LAB = pytest.param("pico", marks=[pytest.mark.pico, pytest.mark.lab])

# Long on the emulated Pico: there it is part of `make lab`, which CI runs behind `make test`.
long_on_pico = pytest.mark.parametrize("run_on", [VM, PICO_IN_LAB], indirect=True)
