"""Composition root: puts a node together from its configuration.

Only here and in the other `…_build` modules are ports opened and parts put together; only the
modules that the configuration names are loaded. `config` is the compiled community, constants
only. Loaded for the start (app.seldom.once).
"""

import config

from converter.app import seldom
from converter.app.clock_task import ClockTask
from converter.app.console import Console
from converter.app.freezer import Freezer
from converter.app.status_task import StatusTask
from converter.app.timed_keeper import TimedKeeper
from converter.hal import keeper_file
from converter.hal.led import Led
from converter.hal.uart_port import UartPort
from converter.model import calendar, quantity
from converter.model.point import MeteringPoint
from converter.store.history import History
from converter.uplink.serve import Uplink

_OWN = bytes(
    (
        quantity.STARTS,
        quantity.RESET_CAUSE,
        quantity.HUNG_TASK,
        quantity.EVENTS,
        quantity.LAST_EVENT,
        quantity.COMMITS,
        quantity.SLOW_COMMITS,
        quantity.LONGEST_COMMIT,
        quantity.ALARMS,
    )
)


def build(node):
    node.points = [MeteringPoint(config.ADDRESS, _OWN, 0)]
    node.points += [MeteringPoint(*point) for point in config.POINTS]
    uart, tx, rx, baud, parity, direction, preamble, quiet_ms = config.UPLINK
    node.port = port = UartPort(uart, tx, rx, baud, parity, 128, 232, direction)
    node.configured = baud, parity, config.SETTLEMENT
    node.baud = baud
    rtc = None  # before a keeper on its bus: it frees a bus that a reset has left stuck
    if config.RTC:
        chip, args = config.RTC
        rtc = _hal("rtc_" + chip).Rtc(calendar, *args)
    module, args = config.KEEPER
    node.chip = _hal("keeper_" + module).Keeper(*args)
    node.keeper = files = TimedKeeper(node.chip, node.slow_ms())
    if module != "file":
        files = TimedKeeper(keeper_file.Keeper("/state"), node.slow_ms())
    seldom.once("app.records", "start", node)
    node.clock = ClockTask(node, rtc)
    node.freezer = Freezer(node, History(files), config.SETTLEMENT)
    if config.ACCESS:
        from converter.station.access import Access

        limits, button = config.ACCESS
        locked = seldom.call("app.written", "come_into_force", node)
        node.access = Access(*limits, locked, node.record_event)
        if button:
            from converter.hal.digital_input import DigitalInput

            node.button = DigitalInput(*button)
    node.station = seldom.once("app.station_build", "build", node, config)
    node.station.silent = node.gone
    node.uplink = Uplink(port, node.station, preamble, quiet_ms, node.at_rest)
    if config.JOBS is not None:
        from converter.app import job_build

        job_build.join(node, files)
    if config.MODULE or config.REPORTS:
        seldom.once("app.module_build", "build", node, config, port, files)
    if config.PULSES:
        node.pulses = seldom.once("app.pulse_build", "build", node, config)
    if config.BUSES:
        seldom.once("app.bus_build", "build", node, config, files)
    node.status = StatusTask(node, Led(config.LED))
    node.status.publish()
    node.tasks = list(_tasks(node))
    seldom.let_go("config")  # nobody needs the whole of it from now on


def _tasks(node):
    # (name, run) of each.
    yield "uplink", node.uplink.run
    if node.pulses:
        yield "pulses", node.pulses.run
    for bus in node.buses:
        yield "bus", bus.run
    yield "console", Console(node).run
    yield "status", node.status.run
    yield "clock", node.clock.run
    if config.SUPPLY:
        from converter.app.supply_task import SupplyTask
        from converter.hal.supply import Supply

        yield "supply", SupplyTask(Supply(*config.SUPPLY), node).run


def _hal(name):
    return __import__("converter.hal." + name, None, None, ("Keeper", "Rtc"))
