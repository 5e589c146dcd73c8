"""What a total's behaviour says: over-flow, burst, leak, no consumption, backflow."""

from micropython import const

from converter.model import alarms
from converter.model.flow import Flow

_DAY_S = const(86400)


class Watch:
    def __init__(self, limits, weight_num, weight_den):
        # limits: (over_flow, over_flow_s, burst, burst_s, leak_pause_s, no_consumption_s,
        # backflow_pulses); flows in thousandths of the total's unit an hour; 0 switches one off.
        self._limits = limits
        self._num = 1000 * weight_num
        self._den = weight_den
        self._meter = Flow()
        self.flow = None  # thousandths of a unit an hour, None unknown
        self._over_s = 0  # how long the flow has been above each limit
        self._burst_s = 0
        self._day_s = 0
        self._pause_s = 0  # longest of this day
        self._pulses = 0  # in this day
        self._back = 0  # pulses behind the furthest point reached

    def count(self, forward, reverse, elapsed_ms):
        self._meter.step(forward, elapsed_ms)
        self._pulses += forward
        self._back = max(self._back + reverse - forward, 0)

    def judge(self, elapsed_s, now_s, found, raised):
        # Once a second or so. found: Alarms; raised(bit) is called for each that begins.
        over, over_s, burst, burst_s, leak_s, idle_s, back = self._limits
        flow = self.flow = self._meter.pulses_per_h(self._num, self._den)
        flow = flow or 0
        quiet_s = self._meter.quiet_s
        self._over_s = self._over_s + elapsed_s if over and flow > over else 0
        self._burst_s = self._burst_s + elapsed_s if burst and flow > burst else 0
        self._pause_s = max(self._pause_s, quiet_s)
        self._day_s += elapsed_s
        if self._day_s >= _DAY_S:
            # No pause long enough in a whole day in which water ran: some of it never stops.
            leaking = leak_s > 0 and self._pause_s < leak_s and self._pulses > 0
            self._judge(found, alarms.LEAK, leaking, now_s, raised)
            self._day_s = self._pause_s = self._pulses = 0
        self._judge(found, alarms.OVER_FLOW, over and self._over_s >= over_s, now_s, raised)
        self._judge(found, alarms.BURST, burst and self._burst_s >= burst_s, now_s, raised)
        self._judge(found, alarms.NO_CONSUMPTION, idle_s and quiet_s >= idle_s, now_s, raised)
        self._judge(found, alarms.BACKFLOW, back and self._back >= back, now_s, raised)

    def _judge(self, found, bit, holds, now_s, raised):
        if found.judge(bit, holds, now_s):
            raised(bit)
