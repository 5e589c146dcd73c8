"""Firmware slots /a and /b, and the notes in /slots that `main.py` reads at the next start.

`confirmed` names the slot to start; `trial` names a slot that gets one start; `maintenance` asks
for one start without application and watchdog; `fault` says why the last failed start failed;
`born` says that the board is new and has no records yet.
Nothing here touches /state.
"""

import os


def confirm(slot):
    # From now on this slot is started. The rename is what counts: littlefs does it at once or not.
    with open("/slots/new", "w") as f:
        f.write(slot)
    os.rename("/slots/new", "/slots/confirmed")
    try:
        os.remove("/slots/fault")
    except OSError:
        pass  # there was none


def note_fault(text):
    try:
        with open("/slots/fault", "w") as f:
            f.write(text)
    except OSError:
        pass  # file system full: what main.py noted before the start stays


def born():
    # Whether the note is there that the first flash of a new board leaves: no records yet is then
    # as it should be.
    try:
        os.stat("/slots/born")
        return True
    except OSError:
        return False


def grown():
    # Its first records are written: from now on, finding none means that they were lost.
    try:
        os.remove("/slots/born")
    except OSError:
        pass  # there was none


def fault():
    # Why the last failed start failed, or None.
    try:
        with open("/slots/fault") as f:
            return f.read()
    except OSError:
        return None
