"""The modulo-256 sum that closes DL/T 645, CJ/T 188 and M-Bus frames."""


def sum8(buf, start, end):
    # 0..255; allocates nothing.
    total = 0
    for i in range(start, end):
        total += buf[i]
    return total & 0xFF
