"""The requests that are spoilt before a station gets them: every service, each identifier, sealed
or not, so that whatever a shipped uplink can do is done."""

from sibiao.reader.sealed import Seal
from sibiao.sim.uplink.dlt645_reading import made_frame

from tests.host import shipped

CONTROLS = (0x03, 0x08, *range(0x11, 0x20))
PASS_THROUGH = 0x1F
FOREIGN, EVERYBODY, ANYBODY = "000000000999", "99" * 6, "AA" * 6
_BY = "0400000011223344"  # level and password, operator code
_SEAL_FROM = 1000  # counters

# Bodies of the services of DL/T 645-2007 clause 7, for controls that take no identifier.
_BODIES = {
    0x08: ("003010250326",),
    0x13: ("",),
    0x15: ("010000000000", "770000000000"),
    0x16: ("99999999", "00999999", "00009999", "00000199", "30129999"),
    0x17: ("04", "08", "20", "FF"),
    0x18: ("010C0004" + "04000000" + "04123456", "010C0004" + "04123456" + "04000000"),
    0x1B: (_BY + "FFFFFFFF",),
    # Not shifted: a read of the heat meter, of another, each DI of the archive, raw bytes.
    0x1F: (
        "0868205121311700111101031F90213816",
        "086810000000000000000103901F214C16",
        *(f"090{n}161004" for n in (2, 1)),
        "0903161004000A",
        *(f"090{n}161004012051213117001111" for n in (4, 5)),
        "0B0102",
    ),
}
# What may be written (config.schema.identifiers.WRITES): a value that is taken.
_VALUES = {
    "date": "03250326",
    "time": "003011",
    "date_time": "00301103250326",
    "address": "770700000000",
    "settlement": "1225",
    "dial": "5634120001",
    "alarms": "0000",
}
_REPORTS = ("04001501", "E0005000")
_RESET = "04001503"


def identifiers(uplink: str) -> list[str]:
    rows = shipped.loaded(uplink).uplink.identifiers
    return sorted({row.di.replace("**", "01").replace("##", "01") for row in rows})


def _wire(di: str) -> bytes:
    return bytes.fromhex(di)[::-1]


def _made(address: str, control: int, data: bytes) -> bytes:
    if control == PASS_THROUGH:
        data = bytes((b - 0x33) & 0xFF for b in data)  # what is made has it added
    return made_frame(address, control, data)


def of_uplink(uplink: str):
    """Sound requests, most of them good ones."""
    of = shipped.compiled(uplink)
    own, point = of.ADDRESS[::-1].hex(), of.POINTS[-1][0][::-1].hex()
    for control in CONTROLS:
        for address in (own, point, ANYBODY, "AAAAAAAA" + own[8:], FOREIGN, EVERYBODY):
            for body in _BODIES.get(control, ("", "04000000123456780102")):
                yield _made(address, control, bytes.fromhex(body))
    for di in identifiers(uplink):
        for address in (own, point):
            yield made_frame(address, 0x11, _wire(di))
            yield made_frame(address, 0x12, _wire(di) + b"\x01")
        yield made_frame(own, 0x91, _wire(di) + bytes(4))  # nobody's request
        yield made_frame(own, 0x11, b"\xff" + _wire(di)[1:])  # as a block
        yield made_frame(own, 0x11, b"\xff\xff" + _wire(di)[2:])
    for address, data in _writes(uplink, own, point):
        yield made_frame(address, 0x14, data)
    for di in _REPORTS:
        yield made_frame(own, 0x11, _wire(di))
    yield made_frame(own, 0x14, _wire(_RESET) + bytes.fromhex(_BY) + bytes(12))
    yield made_frame(own, 0x14, _wire(_REPORTS[1]) + bytes.fromhex(_BY) + bytes(5))


def _writes(uplink: str, own: str, point: str):
    for row in shipped.loaded(uplink).uplink.writes:
        for address in (own, point):
            di = row.di.replace("**", "01" if address == own else "00")
            yield address, _wire(di) + bytes.fromhex(_BY + _VALUES[row.what])
    for code in ("55", "99", "11"):
        yield point, _wire("E000F000") + bytes.fromhex(_BY + code)


def sealed(uplink: str):
    """The same writes, freezes, reads and passwords under shipped.KEY; each counter once."""
    of = shipped.compiled(uplink)
    seal = Seal(shipped.KEY, of.SERIAL.decode())
    own, point = of.ADDRESS[::-1].hex(), of.POINTS[-1][0][::-1].hex()
    asked = [(address, 0x14, data) for address, data in _writes(uplink, own, point)]
    asked += [(own, 0x11, _wire(di)) for di in ("00010000", "E001FFFF", "0400FFFF", "05FFFFFF")]
    asked += [
        (ANYBODY if control == 0x15 else own, control, bytes.fromhex(body))
        for control in (0x16, 0x17, 0x18, 0x1B, 0x15)
        for body in _BODIES[control]
    ]
    for counter, (address, control, data) in enumerate(asked, _SEAL_FROM):
        yield seal.request(address, control, data, counter)
