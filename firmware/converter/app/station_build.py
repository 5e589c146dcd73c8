"""The station with the services that the uplink names, and no others in memory."""

from converter.station.dlt645 import Station


def build(node, config):
    services = []
    for name, args in config.SERVICES:
        module = __import__("converter.station." + name, None, None, ("Service",))
        services.append(module.Service(node, *args))
    if config.SELDOM:
        from converter.app import seldom

        services.append(seldom.Services(node, config.SELDOM))
    return Station(node.points, config.BOUND, services)
