"""AES-CMAC (RFC 4493) and counter mode, on a block cipher that is handed in (16 bytes to 16)."""


def cmac(encrypt, message):
    # 16 bytes.
    n = len(message)
    whole = (n - 1) // 16 * 16 if n else 0  # bytes before the last block, which may be short
    last = bytearray(message[whole:])
    mask = _doubled(encrypt(bytes(16)))
    if n - whole < 16:
        mask = _doubled(mask)
        last.append(0x80)
        last += bytes(16 - len(last))
    state = bytes(16)
    for at in range(0, whole, 16):
        state = encrypt(_xor(state, message[at : at + 16]))
    return encrypt(_xor(_xor(state, last), mask))


def count(encrypt, nonce, data):
    # data encrypted, or decrypted. nonce: unique; the rest of each block is its number, from 0,
    # highest byte first.
    out = b""
    for at in range(0, len(data), 16):
        block = nonce + (at // 16).to_bytes(16 - len(nonce), "big")
        out += _xor(encrypt(block), data[at : at + 16])
    return out


def _doubled(block):
    # In GF(2**128).
    out = bytearray(16)
    for i in range(16):
        out[i] = (block[i] << 1 | (block[i + 1] >> 7 if i < 15 else 0)) & 0xFF
    if block[0] & 0x80:
        out[15] ^= 0x87
    return out


def _xor(a, b):
    # As long as the shorter one.
    return bytes([a[i] ^ b[i] for i in range(min(len(a), len(b)))])
