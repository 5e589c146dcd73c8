"""Ctrl-C for what tests start, the Pico's image, the skips of a run and its verdict."""

import signal

import pytest
from sibiao.errors import SibiaoError
from sibiao.micropython import find_pico_image

from tests import skips

# In the background a shell ignores SIGINT for all that it starts, and tests that end a tool by
# Ctrl-C would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


# A run ends when its last file does: those that take longest (20 s and more) begin first.
LONGEST = """
node/test_hostile node/test_flash_board node/test_flash_interrupted
node/test_tray node/test_any_community host/test_bench_smoke node/test_freezes
node/test_communities node/test_whole_node node/test_million_pulses node/test_provisioning_tool
host/test_bench_command host/test_lab_faulty_modules node/test_slots node/test_supervisor
node/test_commission_tool node/test_power_cuts host/test_new_meter node/test_gap
node/test_two_contacts host/test_sim_bus_serve host/test_sim_command node/test_led
node/test_supply node/test_four_inputs node/test_fram_board node/test_monitor
"""


# On the emulated Pico these are part of `make lab`, which CI runs behind `make test`.
LAB = {
    "test_without_a_clock_nothing_is_frozen_and_what_was_missed_is_marked[pico]",
    "test_without_a_clock_the_bound_is_unknown_until_the_dial_is_entered[pico]",
    "test_a_maintenance_is_a_gap_and_nothing_counted_before_it_is_lost[pico]",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if item.name in LAB:
            item.add_marker("lab")
    order = {name: place for place, name in enumerate(LONGEST.split())}
    items.sort(
        key=lambda item: order.get("/".join(item.path.with_suffix("").parts[-2:]), len(order))
    )


@pytest.fixture(scope="session")
def pico_image():
    try:
        return find_pico_image(build=False).path
    except SibiaoError as error:
        pytest.skip(str(error))


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
