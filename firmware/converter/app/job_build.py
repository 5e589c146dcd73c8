"""What an uplink that asks meters itself has besides the others."""

from converter.app import seldom
from converter.station.dlt645 import EVERYONE, JOB, NOT_MINE


class Services(seldom.Services):
    """The same where one may have a job for a meter, or leave a request to the next."""

    def handle(self, who, frame, out):
        length = NOT_MINE
        for row in self._rows:
            if length != NOT_MINE or not seldom.is_for(row, frame):
                continue
            if who != EVERYONE or row[3]:
                service = seldom.call("station." + row[0], "Service", self._node, *row[1])
                length = service.handle(who, frame, out)
        self._asked = service if length == JOB else None
        return length

    @property
    def job(self):
        return self._asked.job

    def complete(self, job, heard, out):
        return self._asked.complete(job, heard, out)


def join(node, files):
    # files: keeper of the archive; it does not wear an FRAM's directory.
    def jobs(what, *args):
        # What is wanted of meters: a function of app.meter_ways.
        return seldom.call("app.meter_ways", what, node, *args)

    def run_job(*args):
        return seldom.call("app.meter_jobs", "run", node, *args)

    node.files = files
    node.jobs = jobs
    node.uplink.run_job = run_job
