"""Short names on the device: the meaning of the code must not change."""

import ast
import types

import pytest
from sibiao.firmware.short_names import shortened
from sibiao.firmware.slot import firmware_sources

BASE = """
class Base:
    def __init__(self, value):
        self._value = value
        self.shown = self._twice(value)

    def _twice(self, number):
        return [number * k for k in (2,)][0]
"""
DERIVED = """
from p.base import Base

def _raised(exponent, *, by=1):
    return exponent ** 2 + by

class Derived(Base):
    def __init__(self, value, other):
        super().__init__(value)
        self._other = _raised(other, by=5)

    def told(self, first, second=0):
        later = lambda: first + second
        return self._value, self._other, self.shown, self._twice(later())
"""
APART = """
class _Apart:
    def _secret(self):
        return 1

    def peek(self, other):
        return other._asked
"""


@pytest.fixture(scope="module")
def out():
    return shortened({"p/base.py": BASE, "p/derived.py": DERIVED, "p/apart.py": APART})


def test_a_class_and_its_base_in_another_module_do_what_they_did(out):
    base = types.ModuleType("p.base")
    exec(out["p/base.py"], base.__dict__)
    space = {"Base": base.Base}
    exec(out["p/derived.py"].replace("from p.base import Base", ""), space)
    assert space["Derived"](3, 4).told(10, second=1) == (3, 21, 6, 22)


def test_private_names_and_parameters_are_short(out):
    text = "".join(out.values())
    for name in ("_value", "_other", "_raised", "_twice", "_secret", "_Apart", "number"):
        assert name not in text, name


def test_what_others_could_ask_for_stays(out):
    assert "def told(self, first, second=0)" in out["p/derived.py"]  # the inner function finds it
    assert "by=" in out["p/derived.py"]
    assert "_asked" in out["p/apart.py"]  # of another object


def test_classes_that_are_related_never_share_a_name(out):
    base, derived = (ast.parse(out[f"p/{name}.py"]) for name in ("base", "derived"))
    inherited = {n.attr for n in ast.walk(base) if isinstance(n, ast.Attribute)}
    own = {
        n.attr
        for n in ast.walk(derived)
        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)
    }
    assert own and not own & inherited
    assert "class _a" in out["p/apart.py"]  # a name of theirs: related to nobody


def test_firmware_private_names_are_asked_of_self_alone():
    """Otherwise they stay long, and one of two modules may be wrong about them."""
    for path, source in firmware_sources().items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
                owner = getattr(node.value, "id", None)
                assert owner == "self" or node.attr.startswith("__"), (path, node.attr)


def test_the_firmware_has_few_private_names_left():
    before = {p: s for p, s in firmware_sources().items() if s.strip()}
    assert len(_private(shortened(before))) < len(_private(before)) / 3


def _private(sources):
    return {
        node.attr
        for text in sources.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_")
    }
