"""AES-128 of the image. Counter mode and CMAC stand in codec.cmac: the stock image has neither."""

from cryptolib import aes

_ECB = 1


def encryptor(key):
    # 16 bytes -> 16 bytes.
    return aes(key, _ECB).encrypt
