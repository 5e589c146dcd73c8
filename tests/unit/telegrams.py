"""Published telegrams as figures, with their source."""


def hexa(text):
    return bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))


# DL/T 645-2007: a request for the address and its answer, and a read of 00010000 and its answer.
# The layout is that of clauses 5.2 and 7; 123456.78 kWh is the example of clause 5.3.2.
READ_ADDRESS = hexa("68AAAAAAAAAAAA681300DF16")
READ_ENERGY_1 = hexa("6801000000000068110433333433B316")

# CJ/T 188: flimmy78/qtverify, 天罡热量表通讯协议V1.0d (read and answer; T = 27 answers T = 20).
HEAT_REQUEST = hexa("68207536495900111101031F9012BC16")
HEAT_ANSWER = hexa(
    "682775364959001111812E1F9012579236010593846303057504000017109300003582077100"
    "2C0451006146009083023024090801132004085916"
)
