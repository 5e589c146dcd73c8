"""Code run on the node through MicroPython's raw REPL, in the node's own time."""

from sibiao.errors import SibiaoError

_BANNER = b"raw REPL; CTRL-B to exit\r\n>"


class DeviceError(SibiaoError):
    """The code ended with an exception on the node; the message is the node's traceback."""


class RawRepl:
    def __init__(self, node):
        self._node = node
        self._output = bytearray()

    def execute(self, code: str, limit_ns: int) -> str:
        """What the code printed. Interrupts whatever runs; leaves the friendly prompt behind."""
        node = self._node
        self._output.clear()
        node.console_read()
        node.console_write(b"\r\x03\x03\r\x01")
        self._expect(_BANNER, limit_ns)
        node.console_write(code.encode() + b"\x04")
        self._expect(b"OK", limit_ns)
        printed = self._expect(b"\x04", limit_ns)
        failed = self._expect(b"\x04>", limit_ns)
        node.console_write(b"\x02")
        self._expect(b">>> ", limit_ns)
        if failed:
            raise DeviceError(failed.decode(errors="replace").replace("\r\n", "\n").strip())
        return printed.decode(errors="replace").replace("\r\n", "\n")

    def _expect(self, mark: bytes, limit_ns: int) -> bytes:
        def arrived() -> bool:
            self._output += self._node.console_read()
            return mark in self._output

        if not self._node.run_until(arrived, limit_ns):
            raise SibiaoError(
                f"the Pico's prompt did not answer within {limit_ns / 1e9:g} s of its time: "
                f"{bytes(self._output[-80:])!r} instead of {mark!r}"
            )
        before, _, rest = bytes(self._output).partition(mark)
        self._output[:] = rest
        return before
