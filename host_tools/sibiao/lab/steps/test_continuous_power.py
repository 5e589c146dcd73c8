"""DB37/T 5104, 4.14 and 5.14: a long run under supply."""

from sibiao.lab.measures.endurance import lasted
from sibiao.lab.plugin import clause

QUICK_S = 15  # at least: 66 reads of each input come to more on a slow line
FULL_S = {"pico": 600, "virtual": 2 * 3600, "hardware": 24 * 3600}
HEAP_GROWTH = 512  # bytes: what differs between two moments of a steady node
UPTIME_ERROR_S = 1.5  # told in whole seconds
DRIFT_S_PER_DAY = 0.5  # DL/T 614, at reference temperature: of a clock chip


@clause("4.14/5.14", "continuous power")
def test_nothing_drifts(stand, measure, rng, quick):
    """Long under supply, read and counting: no restart, growth or lost pulse, clock true."""
    span_s = QUICK_S if quick else FULL_S[stand.kind]
    (seen,) = stand.on_copies(lasted, [(float(span_s), rng.getrandbits(32))])
    measure("run", seen.span_s, "s", span_s)
    measure("restarts", seen.starts, "", 0, 0)
    measure("pulses lost or extra", seen.given - seen.counted, "", 0, 0)
    measure("reads", seen.reads, "")
    measure("totals that went back or could not be read", len(seen.wrong), "", 0, 0)
    measure("heap growth", seen.heap_growth, "bytes", None, HEAP_GROWTH)
    error_s = seen.uptime_error_s
    measure("uptime less the stand's time", error_s, "s", -UPTIME_ERROR_S, UPTIME_ERROR_S)
    drift = seen.drift_s
    fitted = stand.loaded.board.rtc is not None  # else the processor's crystal tells the time
    allowed_s = DRIFT_S_PER_DAY * seen.span_s / 86400 if fitted else None
    measure("clock gained, at least", drift and drift[0], "s", None, allowed_s)
    measure("clock gained, at most", drift and drift[1], "s", -allowed_s if fitted else None)
