import unittest
from binascii import unhexlify

from block_cipher import encryptor
from converter.codec.cmac import cmac, count

KEY = unhexlify("2b7e151628aed2a6abf7158809cf4f3c")
TEXT = unhexlify(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)


class Published(unittest.TestCase):
    def test_rfc_4493(self):
        for n, expected in (
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
            (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ):
            for message in (TEXT[:n], memoryview(TEXT)[:n]):
                self.assertEqual(cmac(encryptor(KEY), message), unhexlify(expected))

    def test_sp_800_38a_counter_mode(self):
        # F.5.1: its counter begins at f0f1…ff; one block of it, so that ours, 0, is replaced.
        encrypt = encryptor(KEY)
        start = unhexlify("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
        self.assertEqual(
            count(lambda block: encrypt(start), b"", TEXT[:16]),
            unhexlify("874d6191b620e3261bef6864990db6ce"),
        )

    def test_blocks_are_numbered(self):
        seen = []

        def encrypt(block):
            seen.append(bytes(block))
            return bytes(16)

        nonce = bytes(range(11))
        self.assertEqual(count(encrypt, nonce, TEXT[:33]), TEXT[:33])
        self.assertEqual(seen, [nonce + bytes((0, 0, 0, 0, n)) for n in range(3)])
        self.assertEqual(count(encrypt, nonce, b""), b"")
