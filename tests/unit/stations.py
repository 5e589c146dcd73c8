"""A station for tests: its services by name, as the app builds it."""

from converter.station.dlt645 import Station


class Home:
    """What the app hands to every service, as far as a test needs it."""

    def __init__(self, points):
        self.points = points


def build(home, bound, services):
    # services: ((name, arguments), ...) as in a compiled configuration.
    made = []
    for name, args in services:
        module = __import__("converter.station." + name, None, None, ("Service",))
        made.append(module.Service(home, *args))
    return Station(home.points, bound, made)


def reading(points, table, serial, bound=0):
    # The station that only reads.
    return build(Home(points), bound, (("address", ()), ("read", (table, serial))))
