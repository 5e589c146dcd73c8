"""Commands of the console that reach the meters: see app.commands."""

from binascii import hexlify, unhexlify

from converter.app import bus_job

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
    job = bus_job.Job(line, request, limit_ms, bus_job.quiet_ms(line))
    if bus_job.post(node, int(number), job):
        await job.wait(beat)
    if job.error:
        return {"error": job.error}
    return {"heard": hexlify(job.heard).decode()}
