"""unittest for MicroPython: what the project's unit tests use of CPython's, by the same names.

`main()` runs the calling script's tests, one line a test; `run_one` is what the host calls.
"""

import io
import sys


class SkipTest(Exception):
    pass


def skip(reason):
    def decorate(obj):
        obj_is_class = isinstance(obj, type)
        if obj_is_class:
            obj._skip = reason
            return obj

        def skipped(self):
            raise SkipTest(reason)

        return skipped

    return decorate


def skipIf(condition, reason):
    return skip(reason) if condition else lambda obj: obj


def skipUnless(condition, reason):
    return skipIf(not condition, reason)


class _Raises:
    def __init__(self, kind):
        self._kind = kind
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        if kind is None:
            raise AssertionError("%r was not raised" % (self._kind,))
        self.exception = error
        return issubclass(kind, self._kind)


class _SubTest:
    def __init__(self, failures, label):
        self._failures = failures
        self._label = label

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        if kind is None or issubclass(kind, SkipTest) or not issubclass(kind, Exception):
            return False
        self._failures.append("%s\n%s" % (self._label, traceback(error)))
        return True


class TestCase:
    _skip = None

    def __init__(self):
        self.sub_failures = []
        self._cleanups = []

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        pass

    def tearDown(self):
        pass

    def addCleanup(self, function, *args, **kwargs):
        self._cleanups.append((function, args, kwargs))

    def doCleanups(self):
        while self._cleanups:
            function, args, kwargs = self._cleanups.pop()
            function(*args, **kwargs)

    def skipTest(self, reason):
        raise SkipTest(reason)

    def subTest(self, msg=None, **params):
        # MicroPython keeps no order of keyword arguments: sorted, a label is always the same.
        label = ["%s=%r" % (k, params[k]) for k in sorted(params)]
        return _SubTest(self.sub_failures, "subTest " + ", ".join(([msg] if msg else []) + label))

    def fail(self, msg=None):
        raise AssertionError(msg or "failed")

    def _check(self, ok, text, msg):
        if not ok:
            raise AssertionError(text if msg is None else "%s : %s" % (text, msg))

    def assertTrue(self, value, msg=None):
        self._check(value, "%r is not true" % (value,), msg)

    def assertFalse(self, value, msg=None):
        self._check(not value, "%r is not false" % (value,), msg)

    def assertEqual(self, first, second, msg=None):
        self._check(first == second, "%r != %r" % (first, second), msg)

    def assertNotEqual(self, first, second, msg=None):
        self._check(first != second, "%r == %r" % (first, second), msg)

    def assertIs(self, first, second, msg=None):
        self._check(first is second, "%r is not %r" % (first, second), msg)

    def assertIsNot(self, first, second, msg=None):
        self._check(first is not second, "both are %r" % (first,), msg)

    def assertIsNone(self, value, msg=None):
        self._check(value is None, "%r is not None" % (value,), msg)

    def assertIsNotNone(self, value, msg=None):
        self._check(value is not None, "value is None", msg)

    def assertIn(self, member, container, msg=None):
        self._check(member in container, "%r not in %r" % (member, container), msg)

    def assertNotIn(self, member, container, msg=None):
        self._check(member not in container, "%r in %r" % (member, container), msg)

    def assertIsInstance(self, value, kind, msg=None):
        self._check(isinstance(value, kind), "%r is not a %r" % (value, kind), msg)

    def assertLess(self, first, second, msg=None):
        self._check(first < second, "%r not less than %r" % (first, second), msg)

    def assertLessEqual(self, first, second, msg=None):
        self._check(first <= second, "%r greater than %r" % (first, second), msg)

    def assertGreater(self, first, second, msg=None):
        self._check(first > second, "%r not greater than %r" % (first, second), msg)

    def assertGreaterEqual(self, first, second, msg=None):
        self._check(first >= second, "%r less than %r" % (first, second), msg)

    def assertRaises(self, kind, function=None, *args, **kwargs):
        context = _Raises(kind)
        if function is None:
            return context
        with context:
            function(*args, **kwargs)


def traceback(error):
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue()


def run_one(kind, name):
    """Run one test of the class `kind`: (outcome, text), outcome passed, failed or skipped."""
    if kind._skip is not None:
        return "skipped", kind._skip
    case = kind()
    failures = case.sub_failures
    # As in CPython: no tearDown after a setUp that failed, clean-ups in any case.
    steps = [case.doCleanups]
    try:
        case.setUp()
        steps.insert(0, case.tearDown)
        getattr(case, name)()
    except SkipTest as reason:
        if not failures:
            failures = None
            skipped = str(reason)
    except Exception as error:
        failures.append(traceback(error))
    for step in steps:
        try:
            step()
        except Exception as error:
            failures = (failures or []) + [traceback(error)]
    if failures is None:
        return "skipped", skipped
    return ("failed", "\n".join(failures)) if failures else ("passed", "")


def test_classes(module):
    names = sorted(n for n in dir(module) if not n.startswith("_"))
    found = [getattr(module, n) for n in names]
    return [k for k in found if isinstance(k, type) and issubclass(k, TestCase) and k != TestCase]


def main(module="__main__"):
    if isinstance(module, str):
        module = __import__(module)
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for kind in test_classes(module):
        kind.setUpClass()
        for name in sorted(n for n in dir(kind) if n.startswith("test")):
            outcome, text = run_one(kind, name)
            count[outcome] += 1
            print("%s.%s ... %s" % (kind.__name__, name, outcome))
            if text:
                print(text)
        kind.tearDownClass()
    print("%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % count)
    sys.exit(1 if count["failed"] else 0)
