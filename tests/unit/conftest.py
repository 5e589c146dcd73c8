"""Every unit test here runs twice: on CPython, and on the MicroPython VM as `…[micropython]`."""

import unittest
from pathlib import Path

import pytest
from sibiao.errors import SibiaoError
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.unittests import UnitTestVM

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
_VM = pytest.StashKey[UnitTestVM]()


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".py" and file_path.name.startswith("test_"):
        return OnMicroPython.from_parent(parent, path=file_path)
    return None


def pytest_unconfigure(config):
    if _VM in config.stash:
        config.stash[_VM].close()


class OnMicroPython(pytest.File):
    """The same classes and names as CPython's loader finds in the file."""

    def collect(self):
        module = pytest.Module.from_parent(self.parent, path=self.path).obj
        for name, kind in vars(module).items():
            if isinstance(kind, type) and issubclass(kind, unittest.TestCase):
                yield TestClass.from_parent(self, name=name, kind=kind)


class TestClass(pytest.Collector):
    def __init__(self, kind, **rest):
        super().__init__(**rest)
        self._kind = kind

    def collect(self):
        for method in unittest.TestLoader().getTestCaseNames(self._kind):
            yield MicroPythonTest.from_parent(self, name=f"{method}[micropython]", method=method)


class MicroPythonTest(pytest.Item):
    def __init__(self, method, **rest):
        super().__init__(**rest)
        self._method = method
        self.add_marker("vm")

    def runtest(self):
        result = _running_vm(self.config).run(self.path.stem, self.parent.name, self._method)
        if result.printed:
            self.add_report_section("call", "printed on MicroPython", result.printed)
        if result.outcome == "skipped":
            pytest.skip(result.text)
        if result.outcome != "passed":
            # The last line names the error: first, because summaries show one line.
            error = result.text.rstrip().rpartition("\n")[2]
            pytest.fail(f"{error}\n{result.text}", pytrace=False)

    def reportinfo(self):
        return self.path, None, f"{self.parent.name}.{self.name}"


def _running_vm(config):
    if _VM not in config.stash:
        try:
            config.stash[_VM] = UnitTestVM(vm_binary(), [FIRMWARE, HERE])
        except SibiaoError as error:
            pytest.skip(str(error))
    return config.stash[_VM]
