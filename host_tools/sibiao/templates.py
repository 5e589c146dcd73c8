"""Templates of pages that people open in a browser."""

from __future__ import annotations

from pathlib import Path

import jinja2


def html_templates(folder: Path) -> jinja2.Environment:
    """What they are given is escaped; a name that is missing is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
