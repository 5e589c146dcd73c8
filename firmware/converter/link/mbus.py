"""M-Bus link layer (EN 13757-2): E5, `10 C A CS 16`, `68 L L 68 C A CI .. CS 16`; sum from C."""

from micropython import const

from converter.codec.checksum import sum8

ACK = const(0xE5)

# C field (clause 5.7.3). Bit 6 says that the master sends: an echo is told from an answer by it.
FROM_MASTER = const(0x40)
FCB = const(0x20)  # toggled with every request that was answered, kept in a repeat
SND_NKE = const(0x40)
SND_UD = const(0x53)
REQ_UD1 = const(0x5A)  # alarms; answered with E5 when there is none
REQ_UD2 = const(0x5B)
RSP_UD = const(0x08)  # bits 4 and 5 are DFC and ACD

UNCONFIGURED = const(0)  # the address of a meter that was given none
SELECTED = const(253)  # whoever was selected by its secondary address
ANY = const(254)  # all answer: of use with a single meter only
BROADCAST = const(255)  # nobody answers

CONTROL = const(4)  # offsets in a control or long frame
ADDRESS = const(5)
CI = const(6)
DATA = const(7)
MAX_FRAME = const(261)

CI_ERROR = const(0x70)


def frame_len(buf, start, end):
    # For the framer: short, control and long frames. Allocates nothing.
    first = buf[start]
    n = end - start
    if first == 0x68:
        if n < 4:
            return -1 if n == 3 and buf[start + 2] != buf[start + 1] else 0
        total = buf[start + 1] + 6
        if total < 9 or buf[start + 2] != total - 6 or buf[start + 3] != 0x68:
            return -1
        body = start + CONTROL
    elif first == 0x10:
        total = 5
        body = start + 1
    else:
        return -1
    if n < total:
        return 0
    last = start + total - 1
    if buf[last] != 0x16 or buf[last - 1] != sum8(buf, body, last - 1):
        return -1
    return total


def frame_len_or_ack(buf, start, end):
    return 1 if buf[start] == ACK else frame_len(buf, start, end)


class Ear:
    # A bus' frame_len for its framer. E5 is a single byte that noise and data hold as well, so it
    # is a frame only while an acknowledge is expected: set `ack` from `expects_ack(request)`.
    def __init__(self):
        self.ack = False

    def frame_len(self, buf, start, end):
        if self.ack and buf[start] == ACK:
            return 1
        return frame_len(buf, start, end)


def control(frame):
    # The C field of a frame other than E5.
    return frame[1] if frame[0] == 0x10 else frame[CONTROL]


def expects_ack(request):
    return control(request) & 0x5F != REQ_UD2


def short(out, c, address):
    # SND_NKE, REQ_UD1 or REQ_UD2 (with FCB or without) into out; its length.
    out[0] = 0x10
    out[1] = c
    out[2] = address
    out[3] = (c + address) & 0xFF
    out[4] = 0x16
    return 5


def close(out, c, address, ci, n):
    # Finish the frame whose n bytes of data stand in out from DATA on; its length.
    out[0] = out[3] = 0x68
    out[1] = out[2] = n + 3
    out[CONTROL] = c
    out[ADDRESS] = address
    out[CI] = ci
    end = DATA + n
    out[end] = sum8(out, CONTROL, end)
    out[end + 1] = 0x16
    return end + 2


def toggle(request):
    # The same request as the next of its kind: the FCB turned over, the sum put right.
    at = 1 if request[0] == 0x10 else CONTROL
    before = request[at]
    request[at] = before ^ FCB
    last = len(request) - 2
    request[last] = (request[last] + request[at] - before) & 0xFF


NOT_OURS = const(0)
SOUND = const(1)
REFUSED = const(2)


def accept(request, frame):
    # For the master: what frame is to the request sent before. Whether it is the frame asked for
    # (some meters ignore the FCB and repeat themselves) only its content tells.
    asked = control(request) & 0x5F
    if frame[0] == ACK:
        # To REQ_UD2 it says that the meter has nothing to give.
        return REFUSED if asked == REQ_UD2 else SOUND
    c = control(frame)
    if c & FROM_MASTER or frame[0] == 0x10 or c & 0x0F != RSP_UD:
        return NOT_OURS
    if asked != REQ_UD2 and asked != REQ_UD1:
        return NOT_OURS  # a late answer to something else
    address = request[2]
    if address < SELECTED and frame[ADDRESS] != address:
        return NOT_OURS
    return REFUSED if frame[CI] == CI_ERROR else SOUND
