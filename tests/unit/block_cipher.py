"""AES-128 in ECB for tests: MicroPython's own, and on CPython the `cryptography` package's."""

try:
    from converter.hal.aes import encryptor
except ImportError:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    def encryptor(key):
        return Cipher(algorithms.AES(bytes(key)), modes.ECB()).encryptor().update
