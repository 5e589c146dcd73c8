"""What only the start calls is let go of after it, and nothing else."""

import ast

import pytest
from sibiao.config.load import load
from sibiao.firmware import joined, started
from sibiao.firmware.slot import slot_files

KINDS = """
import struct
class Base:
    def __init__(self, n):
        self.n = n
class Once(Base):
    def __init__(self):
        super().__init__(1)
        self.inner = Inner()
class Inner:
    def __init__(self):
        self.seen = 0
    def again(self):
        return Again()
class Again:
    def __init__(self):
        pass
class Plain:
    pass
class Closed:
    def __init__(self):
        pass
class Named:
    def __init__(self):
        pass
class Renamed:
    def __init__(self):
        pass
class Holder(Parent):
    kind = None
    def __init__(self):
        pass
class Parent:
    def __init__(self):
        pass
class Heir(Parent):
    pass
class Kept:
    def __init__(self):
        pass
class Keeper:
    kind = Kept
"""
BUILD = """
from p.kinds import Closed, Once
def build():
    def later():
        return Closed()
    return Once(), later
"""
LATER = """
from p.kinds import Renamed as Other
def use(module):
    return getattr(module, "Named")(), Other()
"""


def forgotten(**more):
    trees = {"p.kinds": KINDS, "p.build": BUILD, "p.later": LATER, **more}
    trees = {name: ast.parse(text) for name, text in trees.items()}
    text = started.source(trees, ["p.kinds"], ["p.build"])
    assigned = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assign)]
    return {node.targets[0].value.id for node in assigned}


def test_what_may_be_made_later_stays():
    # Nobody names Holder: nothing of it can be made.
    assert forgotten() == {"Base", "Once", "Inner", "Holder"}


@pytest.mark.parametrize(
    "text",
    [
        "import p.kinds\ndef f():\n    return p.kinds.Once()",
        "from p.kinds import Once as Base\nclass Derived(Base):\n    pass",
        "from p import kinds\nmade = [kinds.Once]",
        "class Once:\n    pass",
        "def f(of):\n    return of(kind='Once')",
    ],
)
def test_one_place_is_enough(text):
    assert "Once" not in forgotten(other=text)


def test_the_firmware_lets_go_of_most():
    found = {}
    original = started.source

    def source(*args):
        found["text"] = original(*args)
        return found["text"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(started, "source", source)
        joined._joined.cache_clear()
        slot_files(load("gas-site"))
    assert found["text"].count("__init__ = None") > 20
    # Made again and again, or by a service.
    for name in ("Record", "Told", "Parameters", "Framer", "Exchanged"):
        assert f" {name}\n" not in found["text"], name
