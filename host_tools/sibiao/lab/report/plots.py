"""A step's plots as inline SVG. Colours of Okabe and Ito, and never colour alone."""

from __future__ import annotations

import io
from bisect import bisect_right
from statistics import median, quantiles

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sibiao.lab.record import CutMap, Latencies, Plot, PulseTrain, SuccessRate
from sibiao.sim.success import percent

_TRUE, _MODULE, _GOOD, _BAD, _ALLOWED = "#000000", "#0072B2", "#009E73", "#D55E00", "#D9EEE6"
_WIDTH = 9.2
_EDGES = 200  # of a contact; more is a solid bar
_STYLE = {
    "svg.fonttype": "none",  # words stay words: they can be found, and scale
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Arial"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e8ec",
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
}


def svg(plot: Plot, name: str) -> str:
    """`name`: unlike that of any other on the page, for what an SVG calls its parts."""
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = _DRAWN[type(plot)](plot)
        FigureCanvasSVG(figure)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    drawn = out.getvalue()
    label = said(plot).replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return drawn[drawn.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def said(plot: Plot) -> str:
    """The plot in one sentence: its caption, and all of it for who cannot see it."""
    match plot:
        case PulseTrain(times_s, counted):
            last = counted[-1][1] if counted else "nothing"
            text = f"{len(times_s)} pulses made, {last} counted"
        case SuccessRate(done, failed, low_bound):
            text = f"{done - failed} of {done} right: at least {percent(low_bound)} is proven"
            if plot.wanted is not None:
                text += f" (wanted: {percent(plot.wanted)})"
        case Latencies(ms) if ms:
            text = (
                f"{len(ms)} answers: {min(ms):.1f} to {max(ms):.1f} ms, median {median(ms):.1f} ms"
            )
        case Latencies():
            text = "no answer"
        case CutMap(cuts):
            text = f"{len(cuts)} power cuts: {sum(c.sound for c in cuts)} sound"
            known = [c.lost for c in cuts if c.lost is not None]
            text += f", most lost {max(known)} {plot.unit}" if known else ""
    return f"{plot.title}: {text}" if plot.title else text


def _train(plot: PulseTrain) -> Figure:
    panels = 3 if plot.contact else 2
    figure = Figure((_WIDTH, 1.5 * panels + 0.9), layout="constrained")
    count, off, *contact = figure.subplots(panels, sharex=not plot.contact)
    made = list(range(1, len(plot.times_s) + 1))
    count.step(plot.times_s, made, where="post", color=_TRUE, label="made")
    times = [t for t, _ in plot.counted]
    values = [n for _, n in plot.counted]
    style = {"color": _MODULE, "linestyle": "--", "marker": "o", "markersize": 3.5}
    count.plot(times, values, label="counted by the module", **style)
    count.set_ylabel("pulses")
    count.legend(loc="upper left")
    due = [bisect_right(plot.times_s, t) for t in times]
    off.axhline(0, color=_TRUE, linewidth=1)
    off.plot(times, [n - d for n, d in zip(values, due, strict=True)], **style)
    off.set_ylabel("counted less made")
    off.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    off.set_xlabel("s")
    if contact:
        edges = plot.contact[:_EDGES]
        contact[0].step(*zip(*edges, strict=True), where="post", color=_TRUE, linewidth=0.9)
        contact[0].set_yticks([0, 1])
        contact[0].set_ylabel("contact")
        contact[0].set_xlabel(f"s (the first {len(edges)} edges)")
    return figure


def _rate(plot: SuccessRate) -> Figure:
    figure = Figure((_WIDTH, 1.5), layout="constrained")
    axes = figure.subplots()
    right = (plot.done - plot.failed) / plot.done if plot.done else 0.0
    proven = plot.wanted is None or plot.low_bound >= plot.wanted
    colour = _GOOD if proven else _BAD
    bound = 100 * plot.low_bound
    axes.barh(0, 100 - bound, left=bound, height=0.5, color=colour, alpha=0.3)
    axes.plot([bound, bound], [-0.4, 0.4], color=colour, label="proven, 95 % confidence")
    axes.plot([100 * right], [0], "o", color=_TRUE, markersize=8, label="measured")
    least = bound
    if plot.wanted is not None:
        wanted = 100 * plot.wanted
        axes.plot([wanted, wanted], [-0.5, 0.5], color=_TRUE, linestyle=":", label="wanted")
        least = min(least, wanted)
    margin = max((100 - least) * 0.12, 0.002)
    axes.set_xlim(least - margin, 100 + margin / 2)
    axes.ticklabel_format(useOffset=False)
    axes.set_yticks([])
    axes.set_xlabel("% right")
    _legend_right(axes)
    return figure


def _latencies(plot: Latencies) -> Figure:
    figure = Figure((_WIDTH, 3.4), layout="constrained")
    bars, strip = figure.subplots(2, height_ratios=[5, 1])
    low, high = plot.low or 0.0, plot.high
    outside = [ms for ms in plot.ms if ms < low or (high is not None and ms > high)]
    if plot.ms:
        # One that is far outside stands alone; a logarithm lets it be seen beside thousands.
        bins = min(60, max(8, len(plot.ms) // 8))
        bars.hist(plot.ms, bins=bins, color=_MODULE, log=bool(outside))
        marks = {"median": median(plot.ms)}
        if len(plot.ms) >= 100:
            marks["99 %"] = quantiles(plot.ms, n=100)[98]
        for (text, at), dash in zip(marks.items(), ("-", "--"), strict=False):
            bars.axvline(at, color=_TRUE, linestyle=dash, label=f"{text} {at:.1f} ms")
        bars.legend()
    bars.set_ylabel("answers")
    end = max([*plot.ms, high or 0.0, 1.0]) * 1.06
    strip.axvspan(low, end if high is None else high, color=_ALLOWED, label="allowed")
    for limit in filter(None, (plot.low, high)):
        strip.axvline(limit, color=_TRUE, linestyle=":")
    inside = [ms for ms in plot.ms if ms not in set(outside)]
    strip.plot(inside, [0] * len(inside), "|", color=_MODULE, markersize=13, label="answers")
    if outside:
        style = {"color": _BAD, "markersize": 8, "label": "not allowed"}
        strip.plot(outside, [0] * len(outside), "x", **style)
    strip.set_xlim(0, end)
    strip.set_yticks([])
    strip.set_xlabel("ms from the request's last byte to the answer's first")
    _legend_right(strip)
    return figure


def _cuts(plot: CutMap) -> Figure:
    figure = Figure((_WIDTH, 2.8), layout="constrained")
    axes = figure.subplots()
    bounded = sorted((c.at_s, c.bound) for c in plot.cuts if c.bound is not None)
    if bounded:
        style = {"color": _TRUE, "linestyle": ":", "label": "allowed at most"}
        axes.plot(*zip(*bounded, strict=True), marker="_", **style)
    top = max([b for _, b in bounded] + [c.lost for c in plot.cuts if c.lost is not None] + [1])
    for sound, marker, colour, text in (
        (True, "o", _GOOD, "sound"),
        (False, "X", _BAD, "not sound"),
    ):
        known = [(c.at_s, c.lost) for c in plot.cuts if c.sound is sound and c.lost is not None]
        if known:
            axes.plot(*zip(*known, strict=True), marker, color=colour, markersize=7, label=text)
    for cut in plot.cuts:
        if cut.lost is None:
            axes.annotate("?", (cut.at_s, top), color=_BAD, ha="center", weight="bold")
    least = min([0, *(c.lost for c in plot.cuts if c.lost is not None)])
    margin = 0.3 + (top - least) * 0.06
    axes.set_ylim(least - margin, top + margin)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_ylabel(f"{plot.unit} lost")
    axes.set_xlabel("s when the power was cut")
    _legend_right(axes)
    return figure


def _legend_right(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


_DRAWN = {PulseTrain: _train, SuccessRate: _rate, Latencies: _latencies, CutMap: _cuts}
