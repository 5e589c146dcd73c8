"""The converter as a DL/T 645-2007 station: which request is for us, and which service answers it.

Each service is a module of this package, loaded where the uplink names it, with one contract:

controls    the control codes that it answers, as bytes
broadcast   whether it hears 999999999999: then `who` is EVERYONE and nothing is answered
shift       what is added to each data byte of its answers
handle(who, frame, out)
            the length of the plain data that it put into out from dlt645.DATA on, with FOLLOWS
            when there is more; or an error word (annex C) negated, SILENT, JOB, or NOT_MINE:
            then the next service with that control code is asked
complete(job, heard, out)
            the same after a JOB, with what the meter said, or None
"""

from micropython import const

from converter.link import dlt645

FOLLOWS = const(0x100)
SILENT = const(-256)
NOT_MINE = const(-258)
JOB = const(-257)  # only a meter knows: what to ask it is the service's `job`

# Error word (annex C).
OTHER = const(0x01)
NO_DATA = const(0x02)
UNAUTHORISED = const(0x04)
BAUD = const(0x08)

UNANSWERED = b"\x08\x15"  # time and address: services that know no error answer

EVERYONE = const(-1)
NOBODY = const(-2)


class Station:
    MAX_FRAME = dlt645.MAX_FRAME
    frame_len = staticmethod(dlt645.frame_len)  # of the line

    def __init__(self, points, bound, services):
        # points: the converter itself first, then its metering points. bound: index of the one
        # station that answers wildcards (the communication module binds a single address).
        self._points = points
        self._bound = bound
        self._services = services
        self._asked = None  # (who, control, service) that a job is out for
        self.silent = False  # records were lost: better no answer than a wrong one

    def handle(self, frame, out):
        # The answer to a sound frame, put into out: its length, 0 for silence, JOB when a meter
        # has to be asked first (`job`). Never awaits.
        control = frame[dlt645.CONTROL]
        if control & dlt645.ANSWER or self.silent:
            return 0
        who = self._addressed(frame)
        if who == NOBODY:
            return 0
        length = NOT_MINE
        for service in self._services:
            if control in service.controls and (who != EVERYONE or service.broadcast):
                length = service.handle(who, frame, out)
                if length != NOT_MINE:
                    break
        if who == EVERYONE:
            return 0
        if length == NOT_MINE:
            return 0 if control in UNANSWERED else self._close(who, control, -OTHER, out, 0x33)
        if length == JOB:
            self._asked = who, control, service
            return JOB
        return self._close(who, control, length, out, service.shift)

    def is_ours(self, frame):
        # Whether it is a request to one of our addresses.
        return not frame[dlt645.CONTROL] & dlt645.ANSWER and self._addressed(frame) >= 0

    @property
    def job(self):
        return self._asked[2].job

    def complete(self, job, heard, out):
        # What a meter said to the job, or None: the answer to the request behind it.
        who, control, service = self._asked
        return self._close(who, control, service.complete(job, heard, out), out, service.shift)

    def _close(self, who, control, length, out, shift):
        if length == SILENT:
            return 0
        control |= dlt645.ANSWER
        if length < 0:
            out[dlt645.DATA] = -length
            length = 1
            control |= dlt645.ERROR
        elif length >= FOLLOWS:
            length -= FOLLOWS
            control |= dlt645.MORE
        out[dlt645.ADDRESS : dlt645.ADDRESS + 6] = self._points[who].address
        return dlt645.close(out, 0, control, length, shift)

    def _addressed(self, frame):
        # Index of the point that the frame is for. From some byte on, the remaining high bytes
        # may be AA (clause 5.2.2): such a wildcard is answered by the bound station only.
        n = 6
        while n and frame[dlt645.ADDRESS + n - 1] == dlt645.WILDCARD:
            n -= 1
        if n < 6:
            return self._bound if self._matches(self._bound, frame, n) else NOBODY
        for i in range(len(self._points)):
            if self._matches(i, frame, 6):
                return i
        for i in range(dlt645.ADDRESS, dlt645.ADDRESS + 6):
            if frame[i] != dlt645.BROADCAST:
                return NOBODY
        return EVERYONE

    def _matches(self, who, frame, n):
        address = self._points[who].address
        for i in range(n):
            if address[i] != frame[dlt645.ADDRESS + i]:
                return False
        return True
