"""The CJ/T 188 master's services besides reading the current data: builders into a caller's
buffer, each returning the frame's length, and what their answers hold. Loaded only by who needs
them.
"""

from micropython import const

from converter.codec import bcd
from converter.link import cjt188

# Data identifiers as the standard writes them.
CURRENT = const(0x901F)
HISTORY = const(0xD120)  # a month ago; D12B is twelve months ago
PRICES = const(0x8102)
SETTLEMENT_DAY = const(0x8103)
READING_DAY = const(0x8104)
PURCHASE = const(0x8105)
KEY_VERSION = const(0x8106)
NUMBER = const(0x810A)
STANDARD_TIME = const(0xA015)
SYNC = const(0xA016)
VALVE = const(0xA017)
NEW_NUMBER = const(0xA018)

# What a meter does otherwise than the standard, for the builders.
MIRRORED = const(1)  # DI1 before DI0
SHIFTED = const(2)  # every data byte +33H
HIGH_FIRST = const(4)  # numbers
CLOCK_HIGH_FIRST = const(8)
UNIT_FIRST = const(16)
ADDRESS_HIGH_FIRST = const(32)  # of who asks for a service: builders take it as on the wire


def request(out, meter_type, address, di, ser, dialect=0, data=b""):
    # Any service of the standard: di as the standard writes it, data plain.
    shift = 0x33 if dialect & SHIFTED else 0
    wire = bytearray((di >> 8, di & 0xFF))
    if dialect & MIRRORED:
        wire[0], wire[1] = wire[1], wire[0]
    for i in range(2):
        wire[i] = wire[i] + shift & 0xFF
    if shift:
        data = bytes((b + shift) & 0xFF for b in data)
    return cjt188.build(out, meter_type, address, function_of(di), wire, ser, data)


def function_of(di):
    if di == NUMBER:
        return cjt188.READ_ADDRESS
    if di == KEY_VERSION:
        return cjt188.READ_KEY_VERSION
    if di == NEW_NUMBER:
        return cjt188.WRITE_ADDRESS
    if di == SYNC:
        return cjt188.WRITE_SYNC
    return cjt188.WRITE_DATA if di >> 8 == 0xA0 else cjt188.READ_DATA


def write_time(out, meter_type, address, ser, dialect, when):
    # when: (year, month, day, hour, minute, second).
    year, month, day, hour, minute, second = when
    data = bytearray(7)
    value = ((year * 100 + month) * 100 + day) * 100 + hour
    if not bcd.encode((value * 100 + minute) * 100 + second, data, 0, 7):
        raise ValueError
    if dialect & CLOCK_HIGH_FIRST:
        data = bytes(data[6 - i] for i in range(7))
    return request(out, meter_type, address, STANDARD_TIME, ser, dialect, data)


def write_address(out, meter_type, address, ser, dialect, new):
    # new: 7 bytes as on the wire. The meter answers with the old address or the new one.
    return request(out, meter_type, address, NEW_NUMBER, ser, dialect, new)


def valve(out, meter_type, address, ser, dialect, opened):
    # ValueError for opening a gas meter's (link.cjt188.build).
    return request(out, meter_type, address, VALVE, ser, dialect, b"\x55" if opened else b"\x99")


def motor_sync(out, meter_type, address, ser, dialect, value, unit_code):
    # Sets the index: value is XXXXXX.XX without its point. ValueError when it does not fit.
    data = bytearray(5)
    at = 1 if dialect & UNIT_FIRST else 0
    if not bcd.encode(value, data, at, 4):
        raise ValueError
    if dialect & HIGH_FIRST:
        data[at : at + 4] = bytes(data[at + 3 - i] for i in range(4))
    data[0 if at else 4] = unit_code
    return request(out, meter_type, address, SYNC, ser, dialect, data)


def address_at(frame):
    # Where the address stands in an answer to "read address": in the data, or only in the header.
    return cjt188.DATA_BODY if frame[cjt188.LENGTH] >= 10 else cjt188.ADDRESS


def status_at(frame):
    # Where ST0 stands in a refusal, or in an answer to writing that says ST and nothing else;
    # 0: nowhere.
    if frame[cjt188.CONTROL] & cjt188.ERROR:
        return cjt188.DATA + 1
    written = frame[cjt188.CONTROL] & 0x3F
    if frame[cjt188.LENGTH] == 5 and written in (cjt188.WRITE_DATA, cjt188.WRITE_SYNC):
        return cjt188.DATA_BODY
    return 0
