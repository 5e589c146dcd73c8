"""Ctrl-C for what tests start, the Pico's image, the skips of a run and its verdict."""

import functools
import signal

import pytest
from sibiao.errors import SibiaoError
from sibiao.micropython import find_pico_image

from tests import skips

# In the background a shell ignores SIGINT for all that it starts, and tests that end a tool by
# Ctrl-C would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    # A run ends when its last file does: those that take longest begin first.
    items.sort(key=lambda item: -_takes_s(item))


def _takes_s(item):
    mark = item.get_closest_marker("takes")
    return mark.args[0] if mark else 0


@functools.cache
def _pico_image():
    """(path, or None; why there is none)"""
    try:
        return find_pico_image(build=False).path, ""
    except SibiaoError as error:
        return None, str(error)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    # Before any fixture: some boot a Pico for many tests.
    if item.get_closest_marker("pico") and not _pico_image()[0]:
        pytest.skip(_pico_image()[1])


@pytest.fixture(scope="session")
def pico_image():
    path, why_none = _pico_image()
    return path or pytest.skip(why_none)


def _skipped(reporter):
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        yield report.nodeid, reason.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter):
    found = list(_skipped(terminalreporter))
    terminalreporter.section("skipped")
    if not found:
        terminalreporter.write_line("nothing was skipped")
    for name, reason in found:
        why = skips.allowed(reason)
        verdict = f"allowed: {why}" if why else "NOT ALLOWED (tests/skips.py)"
        terminalreporter.write_line(f"{name}: {reason} [{verdict}]", red=not why)


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and any(not skips.allowed(reason) for _, reason in _skipped(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
