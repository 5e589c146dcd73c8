"""Commands of the console that reach the meters: see app.commands."""

from binascii import hexlify, unhexlify

from micropython import const

from converter.app import bus_job, seldom, typed
from converter.link import cjt188_gate, master
from converter.model import calendar

_LONGEST = const(40)  # bytes of a service's request
_PREAMBLE = const(3)
_PARITY = {"N": None, "E": 0, "O": 1}


async def bus(node, beat, number, baud, parity, limit_ms, request):
    line = int(baud), _PARITY[parity]
    request = unhexlify(request)
    limit_ms = int(limit_ms)
    if (
        line[0] not in bus_job.BAUDS
        or not 0 < len(request) <= bus_job.LONGEST
        or not 0 < limit_ms <= bus_job.LIMIT_MS
        or int(number) < 0
    ):
        raise ValueError
    job = bus_job.Job(line, request, limit_ms, bus_job.quiet_ms(int(number), line))
    if bus_job.post(node, int(number), job):
        await job.wait(beat)
    if job.error:
        return {"error": job.error}
    return {"heard": hexlify(job.heard).decode()}


async def meter(node, beat, point, service, *args):
    number, bus_meter = _find(node, int(point))
    asked = bus_meter.asked
    services = "app." + bus_meter.link.SERVICES
    now = None
    if service == "set-time":
        now = _time(node, *args)
        if now is None:
            return {"error": "the converter's clock is not set: give a time"}
    out = bytearray(_LONGEST)
    n = seldom.call(services, "build", out, asked, service, args, now)
    if not n:
        node.buses[number].refuse(number, cjt188_gate.number(out, _PREAMBLE))
        return {"error": bus_job.UNSAFE}
    job = bus_job.Service(bus_meter, memoryview(out)[:n])
    if bus_job.post(node, number, job):
        await job.wait(beat)
    if job.error:
        return {"error": job.error}
    if job.verdict == master.SILENT:
        return {"error": "silent"}
    status = seldom.call(services, "status", asked, job.heard)
    status = hexlify(status).decode() if status else None
    if job.verdict == master.REFUSED:
        return {"refused": status}
    return {"answer": hexlify(job.heard).decode(), "status": status}


def _find(node, point):
    for number, each in enumerate(node.buses):
        for meter in each.meters:
            if meter.number == point:
                return number, meter
    raise ValueError


def _time(node, text=None):
    # As calendar.from_seconds; None: unknown.
    seconds = typed.seconds(text) if text else node.time_s()
    return calendar.from_seconds(seconds) if seconds else None
