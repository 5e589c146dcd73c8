"""CJ/T 188-2004 link layer: `68 T A0..A6 C L DATA CS 16`, data plain, checksum from 68 on."""

from micropython import const

from converter.codec.checksum import closed, sum8

READ_DATA = const(0x01)
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
    # A read of one data identifier (2 bytes as on the wire) with preamble into out; its length.
    n = len(PREAMBLE)
    out[:n] = PREAMBLE
    start = n
    out[start] = 0x68
    out[start + TYPE] = meter_type
    out[start + ADDRESS : start + CONTROL] = address
    out[start + CONTROL] = READ_DATA
    out[start + LENGTH] = 3
    out[start + DATA : start + DATA_SER] = di
    out[start + DATA_SER] = ser
    end = start + DATA_BODY
    out[end] = sum8(out, start, end)
    out[end + 1] = 0x16
    return end + 2


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
    for i in range(ADDRESS, CONTROL):
        if frame[i] != request[i] and request[i] != WILDCARD:
            return NOT_OURS
    if control & ERROR:  # data = SER ST0 ST1
        return REFUSED if frame[LENGTH] == 3 and frame[DATA] == request[DATA_SER] else NOT_OURS
    if frame[LENGTH] < 3:
        return NOT_OURS
    for i in range(DATA, DATA_BODY):
        if frame[i] != request[i]:
            return NOT_OURS
    return SOUND
