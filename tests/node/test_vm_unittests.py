"""The unit test runner on the VM: every outcome reaches the host, a bad test costs only itself."""

import pytest
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.unittests import UnitTestVM

pytestmark = pytest.mark.vm

SAMPLE = """
import unittest, sys

class Sample(unittest.TestCase):
    def setUp(self):
        self.steps = ["setUp"]
        self.addCleanup(lambda: print(",".join(self.steps)))

    def tearDown(self):
        self.steps.append("tearDown")

    def test_passes(self):
        with self.assertRaises(ValueError) as raised:
            int("x")
        self.assertIn("x", str(raised.exception) + "x")
        self.assertRaises(KeyError, {}.pop, 1)
        self.assertEqual(self.steps, ["setUp"])

    def test_unequal(self):
        self.assertEqual(b"\\x68", b"\\x16", "start of frame")

    def test_expected_error_missing(self):
        with self.assertRaises(ValueError):
            pass

    def test_other_error(self):
        with self.assertRaises(ValueError):
            {}[1]

    def test_sub_tests(self):
        for baud in (1200, 2400, 9600):
            with self.subTest(baud=baud):
                self.assertEqual(baud, 2400)

    def test_skipped_inside(self):
        self.skipTest("no such chip")

    @unittest.skipIf(sys.implementation.name == "micropython", "not here")
    def test_skipped_by_decorator(self):
        self.fail()

    def test_ends_the_vm(self):
        print("last words")
        sys.exit(7)

    def test_hangs(self):
        while True:
            pass

    def test_finds_the_firmware(self):
        import converter.codec
        self.assertEqual(sys.implementation.name, "micropython")
"""


@pytest.fixture
def run(tmp_path, request):
    (tmp_path / "sample.py").write_text(SAMPLE)
    firmware = request.config.rootpath / "firmware"
    vm = UnitTestVM(vm_binary(), [firmware, tmp_path], heap="300K", time_limit_s=1.0)
    yield lambda method: vm.run("sample", "Sample", method)
    vm.close()


def test_pass_with_set_up_and_tear_down(run):
    result = run("test_passes")
    assert (result.outcome, result.text) == ("passed", "")
    assert result.printed == "setUp,tearDown\n"
    assert run("test_finds_the_firmware").outcome == "passed"


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("test_unequal", "AssertionError: b'h' != b'\\x16' : start of frame"),
        ("test_expected_error_missing", "was not raised"),
        ("test_other_error", "KeyError: 1"),
        ("test_no_such_method", "AttributeError"),
    ],
)
def test_failures_carry_their_text(run, method, text):
    result = run(method)
    assert result.outcome == "failed"
    assert text in result.text
    assert "device/unittest.py" not in result.text


def test_every_failing_sub_test_is_named(run):
    result = run("test_sub_tests")
    assert result.outcome == "failed"
    assert [n for n in (1200, 2400, 9600) if f"subTest baud={n}" in result.text] == [1200, 9600]


def test_skips_carry_their_reason(run):
    assert run("test_skipped_inside").text == "no such chip"
    result = run("test_skipped_by_decorator")
    assert (result.outcome, result.text) == ("skipped", "not here")


def test_a_test_that_ends_or_hangs_costs_only_itself(run):
    ended = run("test_ends_the_vm")
    assert ended.outcome == "failed"
    assert "exit code 7" in ended.text
    assert ended.printed == "last words\n"
    hung = run("test_hangs")
    assert "stopped after 1 s" in hung.text
    assert run("test_passes").outcome == "passed"
