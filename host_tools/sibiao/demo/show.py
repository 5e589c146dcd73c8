"""The demonstration from first to last: opens a node, plays the scene, says how it was."""

from __future__ import annotations

import io
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from sibiao.config.load import Loaded
from sibiao.demo.fault_plan import faulty_water
from sibiao.demo.picture import Picture
from sibiao.demo.plain import PlainPicture
from sibiao.demo.run import DemoRun
from sibiao.demo.scene import scene_of
from sibiao.demo.verdict import Verdict, as_json, judge
from sibiao.demo.water import SteadyWater
from sibiao.errors import SibiaoError
from sibiao.node.contract import Node
from sibiao.sim.wire import NS_PER_MS

# Gives a node that has begun to run this community's firmware, and a line that says what it is.
# The second argument takes a line about what is being done, where that takes long.
OpenNode = Callable[[Loaded, Callable[[str], None]], tuple[Node, str]]

_SLICE_NS = 50 * NS_PER_MS  # of the node's time between two looks at the picture


def show(
    loaded: Loaded,
    open_node: OpenNode,
    seconds: float,
    json_line: bool = False,
    save: Path | None = None,
    fault: str | None = None,
) -> Verdict:
    """With `json_line` the picture goes to stderr and the line alone to stdout; with `save` the
    last picture goes into an SVG file, too; with `fault` the water meter plays its story."""
    console = Console(stderr=json_line)

    def say(line: str) -> None:
        console.print(line, style="dim")

    scene = scene_of(loaded)
    make_water = SteadyWater
    if fault:
        make_water, story = faulty_water(loaded, fault, seconds)
        say(story)
    node, note = open_node(loaded, say)
    try:
        run = DemoRun(node, scene, seconds, make_water)
        began_s = time.monotonic()
        frame = Picture if console.is_terminal else PlainPicture
        with frame(console, run, note) as picture:
            while run.step(_SLICE_NS, picture.due):
                picture.update()
            verdict = judge(run)
            picture.finish(verdict)
        if save:
            _save(save, run, note, began_s, verdict)
        if json_line:
            print(as_json(run, verdict), file=sys.stdout, flush=True)
    finally:
        node.close()
    return verdict


# Rich's own template fetches a font from the net; a picture should need nothing.
_SVG = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code", "DejaVu Sans Mono, Menlo, Consolas"
)


def _save(file: Path, run: DemoRun, note: str, began_s: float, verdict: Verdict) -> None:
    console = Console(record=True, width=96, height=40, file=io.StringIO(), force_terminal=True)
    console.print(Picture(console, run, note, began_s).last(verdict))
    try:
        console.save_svg(str(file), title="sibiao demo", code_format=_SVG)
    except OSError as error:
        raise SibiaoError(f"cannot write {file}: {error.strerror}") from error
