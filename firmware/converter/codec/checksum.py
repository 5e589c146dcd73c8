"""The modulo-256 sum that closes DL/T 645, CJ/T 188 and M-Bus frames."""


def sum8(buf, start, end):
    # 0..255; allocates nothing.
    total = 0
    for i in range(start, end):
        total += buf[i]
    return total & 0xFF


def closed(buf, start, end, total):
    # For frame_len: the total length of a frame from start that ends with its sum and 16H; 0 when
    # bytes are still missing (end: past the last received), -1 when sum or end are wrong.
    if end - start < total:
        return 0
    last = start + total - 1
    if buf[last] != 0x16 or buf[last - 1] != sum8(buf, start, last - 1):
        return -1
    return total
