"""Serial number and addresses as the running node has them: from its report, and over its uplink
where one is given."""

from __future__ import annotations

from sibiao.errors import SibiaoError
from sibiao.provision.addresses import answers
from sibiao.reader.unit import client_of, opened
from sibiao.tray.job import Job
from sibiao.tray.key import key_file

_TRIES = 3


def read(job: Job) -> str:
    """SibiaoError when a station does not answer to its address."""
    loaded, report = job.loaded, job.result.report
    own = report["answers_to"]
    since = "" if own == report["address"] else f"; {own}, which was written before, holds"
    uplink = job.wanted.uplinks.get(job.result.port)
    if uplink is None:
        return f"{report['serial']} and {report['address']} as reported{since}"
    job.say(f"reading addresses over {uplink}")
    stations = {"the converter": own} | {p.name: p.address for p in loaded.community.points}
    with opened(uplink, loaded, None, 0) as line:
        client = client_of(line, loaded, _TRIES, key_file(job) if job.wanted.keys else None)
        for name, address in stations.items():
            job.say(f"reading addresses over {uplink}")
            if not answers(client, address):
                raise SibiaoError(
                    f"{name} of unit {report['serial']} does not answer to {address} over "
                    f"{uplink}: check the uplink's wires, and that it is this board's"
                )
    return f"{', '.join(stations.values())} read over {uplink}{since}"
