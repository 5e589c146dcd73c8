"""What an uplink with a communication module or with reports has besides the others."""

from binascii import crc32

from converter.app import seldom
from converter.hal import power


def build(node, config, port, files):
    # files: keeper of the reports' record; they do not wear an FRAM's directory.
    seed = crc32(power.unique_id())
    pins = rates = None
    if config.MODULE:
        from converter.hal.module_pins import ModulePins

        wired, rates = config.MODULE
        pins = ModulePins(*wired)
    if config.REPORTS:
        from converter.app.reporter import Reporter

        rows = config.REPORTS
        node.reporter = Reporter(node, rows, files, seed.to_bytes(4, "little"), pins)

        def reports():
            return seldom.call("store.told", "Told", node.reporter.kept)

        node.reports = reports
    if rates:
        from converter.uplink.module import Module

        cold = node.cause == power.POWER_ON
        ours = node.station.is_ours
        module = Module(pins, port, rates, cold, ours, node.now_s, node.record_event)
        node.uplink.module = module
        if config.SPONTANEOUS:
            from converter.store.told import Told
            from converter.uplink.spontaneous import Spontaneous

            address = node.points[0].address
            told = Told(node.reporter.kept)
            module.spontaneous = Spontaneous(told, address, node.now_s, seed)
