"""Skips that are allowed, and why. A test skipped for any other reason fails the run."""

import re

ALLOWED = (
    # (pattern of the reason, why that is all right)
    (r"SIBIAO_VECTORS is not set", "the larger corpora are not part of the project"),
)


def allowed(reason: str) -> str | None:
    return next((why for pattern, why in ALLOWED if re.search(pattern, reason)), None)
