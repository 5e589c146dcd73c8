"""The prompt, as boards have it: friendly mode, raw mode and raw-paste mode, Ctrl-A to Ctrl-E.

The VM has no raw mode of its own. Here Ctrl-C is a character at the prompt; while a program runs
the bench makes it an interrupt.
"""

import gc
import io
import select
import sys

import _bench

_BANNER = 'MicroPython %s; %s\r\nType "help()" for more information.\r\n' % (
    sys.version.split("; MicroPython ")[-1],
    "simulated board with RP2040 pins",
)
_RAW_BANNER = "raw REPL; CTRL-B to exit\r\n"
_PASTE_BANNER = "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== "
_PASTE_WINDOW = 512
# Ctrl-A, Ctrl-B, Ctrl-E: raw mode, friendly mode, paste.
_COMMANDS = ("\x01", "\x02", "\x05")

_RUNNING = 1
_RAW = 2

_in = sys.stdin.buffer
_out = sys.stdout.buffer
_poller = select.poll()
_globals = {"__name__": "__main__"}
_raw = False


def is_raw():
    return _raw


def put(text):
    _out.write(text)


def interrupt_char(char):
    """micropython.kbd_intr: which character interrupts the running program, if any."""
    if char not in (-1, 3):
        raise ValueError("kbd_intr: only 3 (Ctrl-C) and -1 are simulated")
    _tell_mode(char == 3)


def _tell_mode(running):
    _bench.send(_bench.CONSOLE_MODE, 0, (_RUNNING if running else 0) | (_RAW if _raw else 0))


def _get():
    """One character from the bench; interrupts and alarms are served meanwhile."""
    while True:
        try:
            char = None
            for stream, _ in _poller.ipoll(_bench.until_alarm(-1)):
                if stream is _in:
                    char = _in.read(1)
                    if not char:
                        raise _bench.Gone
            if char:
                return char
            _bench.pump()
        except KeyboardInterrupt:
            # Meant for the program, which ended while the interrupt was on its way.
            pass


def execute(source, name, mode="exec", marks=""):
    """Run `source` and print the exception it ends with. True if there was none.

    `marks` is printed after the output and again after the exception, as raw mode wants it.
    """
    try:
        try:
            _tell_mode(True)
            exec(compile(source, name, mode), _globals)
        finally:
            _tell_mode(False)
        put(marks)
        return True
    except (SystemExit, _bench.Gone):
        put(marks)
        raise
    except BaseException as error:
        put(marks)
        text = io.StringIO()
        sys.print_exception(error, text)
        # The board's own frames are no part of what the user ran.
        put("\n".join(s for s in text.getvalue().split("\n") if "/device/board/" not in s))
        return False
    finally:
        put(marks)
        gc.collect()


def run_file(name):
    """boot.py and main.py: True unless it is there and fails."""
    try:
        with open(name) as file:
            source = file.read()
    except OSError:
        return True
    return execute(source, name)


def run(raw):
    """A board's life from one soft reset to the next; SystemExit is what ends it."""
    global _raw
    _raw = raw
    _poller.register(_in, select.POLLIN)
    _bench.listen(_poller)
    if run_file("boot.py") and not raw:
        run_file("main.py")
    while True:
        try:
            _raw_mode() if _raw else _friendly_mode()
        except KeyboardInterrupt:
            put("\r\n")


def _raw_mode():
    global _raw
    put(_RAW_BANNER + ">")
    line = bytearray()
    while True:
        char = _get()
        if char == b"\x01":
            if line == b"\x05A":
                _raw_paste()
                put(">")
            elif line.startswith(b"\x05"):
                put("R\x00")
            else:
                put(_RAW_BANNER + ">")
            line = bytearray()
        elif char == b"\x02":
            _raw = False
            put("\r\n")
            return
        elif char == b"\x03":
            line = bytearray()
        elif char == b"\x04":
            put("OK")
            if not line:
                put("\r\n")
                raise SystemExit
            source = str(line, "utf-8")
            line = bytearray()
            execute(source, "<stdin>", marks="\x04")
            put(">")
        else:
            line += char


def _raw_paste():
    put(b"R\x01" + bytes((_PASTE_WINDOW & 0xFF, _PASTE_WINDOW >> 8)) + b"\x01")
    source = bytearray()
    room = _PASTE_WINDOW
    while True:
        char = _get()
        if char == b"\x04":
            put(b"\x04")
            break
        if char == b"\x03":
            put(b"\x04\x04\x04")
            return
        source += char
        room -= 1
        if not room:
            put(b"\x01")
            room = _PASTE_WINDOW
    execute(str(source, "utf-8"), "<stdin>", marks="\x04")


def _friendly_mode():
    global _raw
    _tell_mode(False)
    put(_BANNER)
    while True:
        put(">>> ")
        try:
            source = _read_command()
        except KeyboardInterrupt:
            put("\r\n")
            continue
        if source == "\x01":
            _raw = True
            _tell_mode(False)
            put("\r\n")
            return
        if source == "\x02":
            put("\r\n" + _BANNER)
        elif source == "\x05":
            put(_PASTE_BANNER)
            execute(_read_paste(), "<stdin>")
        elif source.strip():
            execute(source, "<stdin>", "single")


def _read_command():
    source = _read_line()
    while source not in _COMMANDS and _unfinished(source):
        put("... ")
        line = _read_line()
        if line in _COMMANDS:
            return line
        source += "\n" + line
    return source


def _read_line():
    """A line, or the control character that stands for a command."""
    line = bytearray()
    while True:
        char = _get()
        if not line and chr(char[0]) in _COMMANDS:
            return chr(char[0])
        if char == b"\x03":
            raise KeyboardInterrupt
        if char == b"\x04" and not line:
            put("\r\n")
            raise SystemExit
        if char == b"\r" or char == b"\n":
            put("\r\n")
            return str(line, "utf-8")
        if char in b"\x08\x7f":
            if line:
                line = line[:-1]
                put("\x08 \x08")
        elif char >= b" " or char == b"\t":
            line += char
            put(char)


def _read_paste():
    source = bytearray()
    while True:
        char = _get()
        if char == b"\x03":
            put("\r\n")
            return ""
        if char == b"\x04":
            put("\r\n")
            return str(source, "utf-8")
        source += b"\n" if char == b"\r" else char
        put(b"\r\n=== " if char == b"\r" else char)


def _unfinished(source):
    """Whether a prompt should ask for more: an open bracket, or a block without its empty line."""
    depth = 0
    for char in source:
        depth += (char in "([{") - (char in ")]}")
    lines = source.split("\n")
    in_block = lines[0].rstrip().endswith(":") or lines[0].startswith("@")
    return depth > 0 or (in_block and bool(lines[-1].strip()))
