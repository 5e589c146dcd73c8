"""A community's sheet as files: Markdown with its picture beside it, and one HTML page that holds
everything."""

from __future__ import annotations

from pathlib import Path

import jinja2

from sibiao.config.check.every import check
from sibiao.config.load import Loaded
from sibiao.sheet.facts import facts
from sibiao.sheet.picture import picture


def sheet(loaded: Loaded) -> dict[str, str]:
    """File name -> text. SibiaoError where the community does not pass its check."""
    check(loaded)
    said = facts(loaded)
    drawn = picture(loaded)
    made = {f"{loaded.name}.svg": drawn}
    for kind in ("md", "html"):
        template = _templates(kind).get_template(f"sheet.{kind}.j2")
        made[f"{loaded.name}.{kind}"] = template.render(said, picture=drawn)
    return made


def _templates(kind: str) -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=kind == "html",
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
