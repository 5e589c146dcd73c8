"""What a station may be asked, and what may stand in it."""

from converter.model import unit
from hypothesis import strategies as st

from tests.host.station_model.values import ENERGY, POWER, SUPPLY, bcd

BY = bytes.fromhex("78563412")
OWN, OF_WATER, OF_HEAT = (bcd(n, 6) for n in (1, 301, 302))
OTHERS = tuple(bcd(n, 6) for n in (77, 401, 1)) + (bytes(6), b"\x99" * 6)
QUANTITIES = {ENERGY: (2, 1, unit.WH), POWER: (3, 1, unit.W), SUPPLY: (5, -2, unit.CELSIUS)}
NEW = st.sampled_from([bytes(3), b"\x56\x34\x12", b"\1\2\3"])
PASSWORDS = st.sampled_from([None] * 12 + [b"\1\2\3"])  # None: the right one
LEVELS = st.sampled_from([4, 4, 4, 4, 4, 2, 2, 2, 0, 3, 9, 0x98])
AWAY_S = st.sampled_from([0, 1, 60, 299, 300, 301, -1, -300, -301, 86400, -86400])
READ_188 = bytes.fromhex("68205121311700111101031F90213816")
FOREIGN_188 = bytes.fromhex("686810000000000000000103901F214C16")

whom = st.sampled_from(["own", "own", "water", "heat"])
readable = st.sampled_from(
    [
        *("00010000", "00010000", "04000101", "04000102", "0400010C", "04000401", "04000402"),
        *("04000403", "04000B01", "E0004200", "E0000100", "E0000200", "E0000201", "E0000300"),
        *("E0000500", "E0000501", "E0020200", "E0020500", "E0010100", "E0030100", "E0001201"),
        *("05010001", "05010101", "05010102", "0501011E", "0501011F", "05000001", "05000101"),
        *("00020000", "FFFF0000", "12345678"),
    ]
)
blocks = st.sampled_from(
    ["E000FFFF", "E002FFFF", "E003FFFF", "050101FF", "050100FF", "0501FFFF", "0500FFFF"]
)
told_of = st.sampled_from(["own", "heat"])  # what the water's pulses tell is not modelled


def digits(low, high, n=1):
    """BCD of a number, now and then no BCD at all."""
    return st.one_of(
        st.integers(low, high).map(lambda k: bcd(k, n)), st.binary(min_size=n, max_size=n)
    )


def wire(di):
    return bytes.fromhex(di)[::-1]
