"""Runs unit tests by name for the host: `module class method` in, one JSON line out.

The JSON line starts with a record separator, which tells it from what the test itself prints.
"""

import gc
import json
import sys
import unittest


def _report(outcome, text=""):
    print("\x1e" + json.dumps({"outcome": outcome, "text": text}))


def main():
    current = None
    while True:
        line = sys.stdin.readline()
        if not line:
            break
        module, class_name, method = line.split()
        try:
            kind = getattr(__import__(module), class_name)
            if kind is not current:
                if current is not None:
                    current.tearDownClass()
                current = None
                kind.setUpClass()
                current = kind
            # What one test left behind must not make the next one run out of memory.
            gc.collect()
            outcome, text = unittest.run_one(kind, method)
        except Exception as error:
            outcome, text = "failed", unittest.traceback(error)
        _report(outcome, text)


main()
