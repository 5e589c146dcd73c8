"""A CJ/T 188 frame from the way up to a meter, and the meter's answer back.

A job, as every service makes them for the app: (bus, line, pause in ms that ends an answer, 0 for
the usual one, request with preamble, meter of the app or None).
"""

from converter.link import cjt188


def job(jobs, frame):
    # The job that sends a sound frame to its meter; None when it has none here. jobs(what is
    # wanted, ...): of the app.
    where = jobs("route", frame)
    if where is None:
        return None
    bus, line = where
    return bus, line, 0, cjt188.PREAMBLE + bytes(frame), None


def answer(job, heard):
    # The meter's answer, or its refusal, in what was heard; None: neither.
    if not heard:
        return None
    request = memoryview(job[3])[len(cjt188.PREAMBLE) :]
    for at in range(len(heard)):
        n = cjt188.frame_len(heard, at, len(heard))
        if n > 0 and cjt188.accept(request, heard[at : at + n]) != cjt188.NOT_OURS:
            return heard[at : at + n]
    return None
