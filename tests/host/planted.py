"""Faults that are planted: a model that does not see them proves nothing."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test


def sees(machine):
    """The machine ends in an AssertionError, given more chances than it takes when all is well."""
    shown = settings(machine.TestCase.settings, max_examples=600, phases=[Phase.generate])
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=shown)
