"""The buses of a configuration, each with its port and its meters: part of the composition root,
loaded only where there is a bus."""

from binascii import crc32

from converter.app import seldom
from converter.app.bus_task import BusMeter, BusTask
from converter.hal import power
from converter.hal.uart_port import UartPort


def build(node, config, files):
    # files: keeper of what is seldom written; it does not wear an FRAM's directory.
    node.files = files
    seed = crc32(power.unique_id())
    tasks = []
    for port, (direction, supply, settle_ms), tries, schedule, _, rows in config.BUSES:
        port = UartPort(*port, 128, 32, direction, supply)
        meters = meters_of(rows, node.points, port, tries)
        tasks.append(BusTask(node, port, settle_ms, schedule, seed, meters))
    node.buses = tasks
    try:
        is_exchanged = files.load("exchanged")
    except OSError:
        is_exchanged = True  # what is wrong is told there
    if is_exchanged:
        seldom.call("app.exchanged", "come_into_force", node)


def meters_of(rows, points, port, tries):
    # Those of one bus; what speaks a link is loaded where a meter needs it.
    links = {}
    meters = []
    for number, baud, parity, index, alarms, link, asked in rows:
        if link not in links:
            module = __import__("converter.app.poll_" + link, None, None, ("Link",))
            links[link] = module.Link(port, tries)
        asked = links[link].meter(*asked)
        line = baud, parity
        meters.append(BusMeter(points[number], number, line, index, alarms, links[link], asked))
    return meters
