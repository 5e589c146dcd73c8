"""Records of M-Bus telegrams from their hex."""

from converter.meters import mbus_records


def walk(hexed, quirks=0, msb_first=False, to_meter=False):
    data = memoryview(bytes.fromhex(hexed))
    records = mbus_records.Records(quirks)
    records.start(data, 0, len(data), msb_first, to_meter)
    return records


def one(hexed, quirks=0, msb_first=False):
    # The only record: (kind, value, exponent, unit).
    r = walk(hexed, quirks, msb_first)
    assert r.next()
    value = r.read()
    got = (r.kind, value, r.exponent, r.unit)
    assert not r.next() and not r.error, r.error
    return got
