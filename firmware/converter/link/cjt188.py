"""CJ/T 188-2004 link layer: `68 T A0..A6 C L DATA CS 16`, DATA = DI0 DI1 SER and what follows,
checksum from 68 on. Reading, and what an answer is to its request; all other services are in
meters/cjt188_services.py, what the bytes of an answer mean in meters/cjt188.py.
"""

from micropython import const

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
    return build(out, meter_type, address, di[2] if len(di) > 2 else READ_DATA, di, ser, b"")


def build(out, meter_type, address, control, di, ser, data):
    # Every request goes through here: the frame with preamble into out, its length. di and data
    # as on the wire. ValueError instead of letting gas flow, whoever asks.
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
        request[CONTROL] == WRITE_ADDRESS
        and (_is_from(request, DATA_BODY, frame) or _is_from(request, DATA_BODY, frame, 0x33))
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


def _is_from(request, at, frame, shift=0):
    for i in range(7):
        a = request[at + i] - shift & 0xFF
        if a != WILDCARD and _digits(a) != _digits(frame[ADDRESS + i]):
            return False
    return True


def _digits(b):
    # Some meters fill the digits they do not use with F, others with 0.
    if b & 0x0F == 0x0F:
        b &= 0xF0
    return b & 0x0F if b >= 0xF0 else b
