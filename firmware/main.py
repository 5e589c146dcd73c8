# Starts one slot: the one on trial, once, else the confirmed one. See docs/slots.md.
import os
import sys
import time

import machine
import micropython

_MAINTENANCE_MS = 15 * 60 * 1000


def _take(name):
    # The note's text, or None; the note is used up.
    try:
        with open("/slots/" + name) as f:
            text = f.read()
        os.remove("/slots/" + name)
        return text
    except OSError:
        return None


def _confirmed():
    try:
        with open("/slots/confirmed") as f:
            return f.read()
    except OSError:
        return "a"


def _note(name, text):
    try:
        with open("/slots/" + name, "w") as f:
            f.write(text)
    except OSError as error:
        print("sibiao: cannot write /slots/" + name + ":", error)


def _start(slot, trial):
    try:
        try:
            sys.path.insert(0, "/" + slot)
            from converter.app import node

            node.run(slot, trial)
        except Exception as error:
            sys.print_exception(error)
            _note("fault", slot + ": " + repr(error))
            if not trial:
                print("sibiao: slot", slot, "failed; next try in 5 s, Ctrl-C for maintenance")
                time.sleep(5)
    except KeyboardInterrupt:
        micropython.kbd_intr(-1)  # a second Ctrl-C must not end at a prompt with the watchdog on
        _note("maintenance", "")
        print("sibiao: restarting for maintenance")
    time.sleep_ms(100)  # lets the console send its last line
    machine.mem32[0x40058010] = 1  # as hal.power.reset: this reset is wanted
    machine.reset()


def _led_on():
    try:
        machine.Pin("LED", machine.Pin.OUT, value=1)
    except (ValueError, TypeError):
        pass  # a board without one


if _take("maintenance") is None:
    _trial = _take("trial")
    if _trial:
        # Until the slot confirms itself or says what failed.
        _note("fault", _trial + ": its trial start hung or lost power")
        _start(_trial, True)
    else:
        _start(_confirmed(), False)
else:
    # A quiet prompt: no watchdog, no application. Nothing is counted now, so it must not last.
    print("sibiao: maintenance, for 15 minutes at most")
    machine.mem32[0x40058010] = 2  # as hal.power: what resets next ends a maintenance
    _led_on()
    _back = machine.Timer(
        -1, mode=machine.Timer.ONE_SHOT, period=_MAINTENANCE_MS, callback=lambda _: machine.reset()
    )
