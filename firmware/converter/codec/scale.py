"""Whole numbers with a decimal exponent: 1234567 with -2 is 12345.67."""


def rescale(value, exponent, wanted):
    # The value at the wanted exponent, rounded towards zero: a register shown with fewer digits
    # may lag behind the dial but never run ahead of it.
    while exponent > wanted:
        value *= 10
        exponent -= 1
    if exponent < wanted:
        d = 10 ** (wanted - exponent)
        return -(-value // d) if value < 0 else value // d
    return value
