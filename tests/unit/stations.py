"""A station for tests: its services by name, as the app builds it."""

from converter.station.dlt645 import Station


class Home:
    """What the app hands to every service, as far as a test needs it."""

    def __init__(self, points):
        self.points = points
        self.civil_s = 0  # when the node started; 0: its clock is unknown
        self.uptime_s = 0

    def now_s(self):
        return self.uptime_s

    def time_s(self):
        return self.civil_s and self.civil_s + self.uptime_s


def build(home, bound, services):
    # services: ((name, arguments), ...) as in a compiled configuration.
    made = []
    for name, args in services:
        module = __import__("converter.station." + name, None, None, ("Service",))
        made.append(module.Service(home, *args))
    return Station(home.points, bound, made)


def reading(home, table, texts, bound=0):
    # The station that only reads.
    return build(home, bound, (("address", ()), ("read", (table, texts))))


def row(di, code, kind, exponent=16, base=0, flags=0, top=0):
    # An identifier's row (converter.station.read); kind: its format, or how many bytes.
    return wire(di) + bytes((code, kind, exponent, base, flags, top))


def wire(di):
    return bytes(int(di[i : i + 2], 16) for i in (6, 4, 2, 0))


def request(address, control, data=b""):
    frame = bytearray(b"\x68") + address + b"\x68" + bytes((control, len(data)))
    frame += bytes((b + 0x33) & 0xFF for b in data)
    return bytes(frame) + bytes((sum(frame) & 0xFF, 0x16))
