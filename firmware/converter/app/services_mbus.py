"""The console's `meter` command for an M-Bus meter."""

from converter.link import mbus, mbus_set


def build(out, meter, service, args, now):
    # The frame into out; its length. now: what to set the clock to. ValueError where the
    # arguments are no good.
    where = out, mbus.SND_UD | mbus.FCB, meter.address
    n = 0
    if service == "set-time":
        n = mbus_set.time(*where, *now[:5])
    elif service == "set-address":
        (new,) = args
        n = mbus_set.primary(*where, int(new))
    elif service == "set-id":
        (digits,) = args
        if len(digits) == 8:
            n = mbus_set.identification(*where, int(digits))
    elif service == "application-reset":
        n = mbus_set.application_reset(*where, *[int(code) for code in args])
    if not n:
        raise ValueError
    return n


def status(meter, frame):
    # An acknowledge says no more.
    return None
