"""CJ/T 188-2004 link layer: `68 T A0..A6 C L DATA CS 16`, DATA = DI0 DI1 SER and what follows,
checksum from 68 on. Requests are built and answers judged here; what the bytes of an answer mean
is the profile's (meters/cjt188.py).
"""

from micropython import const

from converter.codec import bcd
from converter.codec.checksum import closed, sum8

# Functions, in C: an answer has bit 7 set, a refusal bits 7 and 6.
READ_DATA = const(0x01)
READ_ADDRESS = const(0x03)
WRITE_DATA = const(0x04)
READ_KEY_VERSION = const(0x09)
WRITE_ADDRESS = const(0x15)
WRITE_SYNC = const(0x16)
ANSWER = const(0x80)
ERROR = const(0x40)

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

TYPE = const(1)
ADDRESS = const(2)
CONTROL = const(9)
LENGTH = const(10)
DATA = const(11)
DATA_SER = const(13)  # the sequence number, after DI0 DI1
DATA_BODY = const(14)

_MAX_DATA = const(0x64)  # L when reading
MAX_FRAME = const(113)
PREAMBLE = b"\xfe\xfe\xfe"  # 2..4 are allowed before a frame
WILDCARD = const(0xAA)
ANY = b"\xaa\xaa\xaa\xaa\xaa\xaa\xaa"  # whoever is alone on the bus
_OPEN = b"\x55"
_CLOSE = b"\x99"


def frame_len(buf, start, end):
    # For the framer. Allocates nothing.
    if buf[start] != 0x68:
        return -1
    n = end - start
    if n <= 10:
        return 0
    if buf[start + LENGTH] > _MAX_DATA:
        return -1
    return closed(buf, start, end, 13 + buf[start + LENGTH])


def read_request(out, meter_type, address, di, ser):
    # A read with preamble into out; its length. di: the data identifier's 2 bytes as on the wire,
    # and a third where the function is not 01.
    return _request(out, meter_type, address, di[2] if len(di) > 2 else READ_DATA, di, ser, b"")


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
    return _request(out, meter_type, address, function_of(di), wire, ser, data)


def function_of(di):
    if di == NUMBER:
        return READ_ADDRESS
    if di == KEY_VERSION:
        return READ_KEY_VERSION
    if di == NEW_NUMBER:
        return WRITE_ADDRESS
    if di == SYNC:
        return WRITE_SYNC
    return WRITE_DATA if di >> 8 == 0xA0 else READ_DATA


def write_time(out, meter_type, address, ser, dialect, when):
    # when: (year, month, day, hour, minute, second).
    year, month, day, hour, minute, second = when
    data = bytearray(7)
    value = ((year * 100 + month) * 100 + day) * 100 + hour
    bcd.encode((value * 100 + minute) * 100 + second, data, 0, 7)
    if dialect & CLOCK_HIGH_FIRST:
        data = bytes(data[6 - i] for i in range(7))
    return request(out, meter_type, address, STANDARD_TIME, ser, dialect, data)


def write_address(out, meter_type, address, ser, dialect, new):
    # new: 7 bytes as on the wire. The meter answers with the old address or the new one.
    return request(out, meter_type, address, NEW_NUMBER, ser, dialect, new)


def valve(out, meter_type, address, ser, dialect, opened):
    # ValueError instead of letting gas flow, whoever asks.
    return request(out, meter_type, address, VALVE, ser, dialect, _OPEN if opened else _CLOSE)


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


def _request(out, meter_type, address, control, di, ser, data):
    start = len(PREAMBLE)
    out[:start] = PREAMBLE
    out[start] = 0x68
    out[start + TYPE] = meter_type
    out[start + ADDRESS : start + CONTROL] = address
    out[start + CONTROL] = control
    out[start + LENGTH] = 3 + len(data)
    out[start + DATA] = di[0]
    out[start + DATA + 1] = di[1]
    out[start + DATA_SER] = ser
    end = start + DATA_BODY + len(data)
    out[start + DATA_BODY : end] = data
    if opens_gas_valve(out, start):
        out[start] = 0
        raise ValueError
    out[end] = sum8(out, start, end)
    out[end + 1] = 0x16
    return end + 2


def opens_gas_valve(frame, start=0):
    # Whether a request (start: of its 68) would let gas flow: any valve command but "close" to a
    # gas meter, or to any type. Either order of the identifier, shifted or not. For every frame
    # that goes to a meter, those passed through too.
    kind = frame[start + TYPE]
    if kind >> 4 != 3 and kind != WILDCARD:
        return False
    if frame[start + CONTROL] & ANSWER or frame[start + LENGTH] < 4:
        return False
    for shift in (0, 0x33):
        a = frame[start + DATA] - shift & 0xFF
        b = frame[start + DATA + 1] - shift & 0xFF
        if (a == 0xA0 and b == 0x17) or (a == 0x17 and b == 0xA0):
            return frame[start + DATA_BODY] - shift & 0xFF != 0x99
    return False


NOT_OURS = const(0)
SOUND = const(1)
REFUSED = const(2)


def accept(request, frame):
    # What frame is to the request sent before (both without preamble): its answer (SOUND), the
    # meter's refusal (REFUSED), or something else on the line (NOT_OURS): our own echo, another
    # meter, a late answer. The answer's type may differ from the request's (vendors answer 25 to
    # 20), so the address, function, data identifier and sequence number decide.
    control = frame[CONTROL]
    if not control & ANSWER or control & 0x3F != request[CONTROL]:
        return NOT_OURS
    if not _is_from(request, ADDRESS, frame) and not (
        request[CONTROL] == WRITE_ADDRESS and _is_from(request, DATA_BODY, frame)
    ):
        return NOT_OURS
    if control & ERROR:  # data = SER ST0 ST1
        return REFUSED if frame[LENGTH] == 3 and frame[DATA] == request[DATA_SER] else NOT_OURS
    if frame[LENGTH] < 3:
        return NOT_OURS
    for i in range(DATA, DATA_BODY):
        if frame[i] != request[i]:
            return NOT_OURS
    return SOUND


def _is_from(request, at, frame):
    for i in range(7):
        a = request[at + i]
        if a != WILDCARD and _digits(a) != _digits(frame[ADDRESS + i]):
            return False
    return True


def _digits(b):
    # Some meters fill the digits they do not use with F, others with 0.
    if b & 0x0F == 0x0F:
        b &= 0xF0
    return b & 0x0F if b >= 0xF0 else b


def address_at(frame):
    # Where the address stands in an answer to "read address": in the data, or only in the header.
    return DATA_BODY if frame[LENGTH] >= 10 else ADDRESS


def status_at(frame):
    # Where ST0 stands in a refusal, or in an answer to writing that says ST and nothing else;
    # 0: nowhere.
    if frame[CONTROL] & ERROR:
        return DATA + 1
    written = frame[CONTROL] & 0x3F
    if frame[LENGTH] == 5 and written in (WRITE_DATA, WRITE_SYNC):
        return DATA_BODY
    return 0
