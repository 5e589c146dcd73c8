"""The keys of a sealed station: derived from the one on the record, for this converter only."""

from converter.codec.cmac import cmac
from converter.hal import aes


class Keys:
    def __init__(self, node, serial):
        self._node = node
        self._serial = serial

    def load(self):
        # (encrypt by K_mac, encrypt by K_enc, end of accepted counters), None without a key.
        found = self._node.change("sealing")
        if not found:
            return None
        key, end = found
        encrypt = aes.encryptor(key)
        mac, enc = (aes.encryptor(cmac(encrypt, use + self._serial)) for use in (b"\1", b"\2"))
        return mac, enc, end

    def keep(self, end):
        self._node.change("keep_counters", end)
