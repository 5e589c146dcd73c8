"""The station with the services that the uplink names, and no others in memory."""

from micropython import const

from converter.station.dlt645 import Station

_ALL = const(2)  # config.SEALED: 0 nothing, 1 what changes something, 2 reads too


def build(node, config):
    services = []
    for name, args in config.SERVICES:
        module = __import__("converter.station." + name, None, None, ("Service",))
        services.append(module.Service(node, *args))
    if config.SELDOM:
        if config.JOBS is None:
            from converter.app.seldom import Services
        else:
            from converter.app.job_build import Services

        # First: they leave what they do not know to the others, which answer it.
        services.insert(0, Services(node, config.SELDOM))
    if config.SEALED:
        from converter.app.sealing import Keys
        from converter.station.sealed import SealedStation

        keys = Keys(node, config.SERIAL)
        every = config.SEALED == _ALL
        station = SealedStation(node.points, config.BOUND, services, keys, every)
        node.rekey = station.rekey
    else:
        station = Station(node.points, config.BOUND, services)
    if config.JOBS:
        from converter.station.collector import Collector

        station = Collector(station, node, config.JOBS)
    return station
