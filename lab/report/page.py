"""The report as one page that needs nothing else: no script, no font, no network."""

from pathlib import Path

import jinja2
from markupsafe import Markup

from lab.grade import Grade, Report, Verdict
from lab.grade.load_view import LoadView, Second, load_view
from lab.grade.say import clock, duration, percent
from lab.history.records import History, LoadSecond
from lab.report.chart import Axis, Marker, Shade, draw
from lab.report.handled import handled
from lab.report.lines import panels_of
from lab.report.made_of import ran_on, seeded, whole
from lab.report.markdown import to_html
from lab.report.words import MET, felt, headline, lost, since_impact, took, word
from lab.runbook import Runbook

TEMPLATES = Path(__file__).parent / "templates"
STRONG = frozenset({"page", "act", "injected", "replay_started", "impact", "restored"})
UNDRAWN = frozenset({"pod", "alert_resolved"})
"""Many and minor: in the table, not on the axis."""


def render(report: Report, history: History, *, runbook: Runbook | None = None) -> str:
    """The page; with a *runbook* it ends with why it happened and how to prevent it."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"clock": clock, "duration": duration, "percent": percent, "took": took}
    environment.globals |= {"since": lambda t: since_impact(report, t), "MET": MET}
    return environment.get_template("report.html.j2").render(
        report=report,
        headline=headline(report),
        outcome=word(report),
        handled=handled(report),
        felt=felt(report),
        lost=lost(report),
        seeded=seeded(report),
        ran_on=ran_on(report),
        images=[(name, whole(image)) for name, image in sorted(report.images.items())],
        chart=Markup(_chart(report, history)),  # noqa: S704 - our own drawing, its texts are escaped
        groups=_groups(report),
        why=_markdown(runbook.why) if runbook else None,
        prevention=_markdown(runbook.prevention) if runbook else None,
    )


def _markdown(text: str) -> Markup:
    return Markup(to_html(text))  # noqa: S704 - escapes every text it is given


def _groups(report: Report) -> list[tuple[str, list[Grade]]]:
    """Grades under three headings, the bad news first."""
    wanted = (
        (Verdict.FAIL, "What was missed"),
        (Verdict.UNKNOWN, "What is unknown"),
        (Verdict.PASS, "What was right"),
    )
    groups: list[tuple[str, list[Grade]]] = [
        (title, [g for g in report.grades if g.verdict is verdict]) for verdict, title in wanted
    ]
    return [(title, grades) for title, grades in groups if grades]


def _chart(report: Report, history: History) -> str:
    seconds = [r.t for r in history if isinstance(r, LoadSecond)]
    if not seconds:
        return "<p>The load left no data to draw.</p>"
    view = load_view(history, rate_per_s=0.0)
    axis = Axis(
        from_t=min(seconds),
        until_t=max(max(seconds) + 1, report.ended_t or 0.0),
        zero_t=report.impact_t or report.started_t or min(seconds),
    )
    return draw(
        axis,
        panels_of(report, view, history),
        _shades(report, view, axis),
        _markers(report),
        label=felt(report),
    )


def _shades(report: Report, view: LoadView, axis: Axis) -> list[Shade]:
    shades = [
        Shade(
            kind="outage",
            from_t=outage.start_t,
            until_t=outage.end_t or axis.until_t,
            title=f"outage: {', '.join(outage.objectives)}",
        )
        for outage in report.outages
    ]
    replays = {e.kind: e.t for e in report.timeline if e.kind in ("replay_started", "replay_ended")}
    if len(replays) == 2:
        from_t, until_t = replays["replay_started"], replays["replay_ended"]
        shades.append(Shade(kind="replay", from_t=from_t, until_t=until_t, title="replay of the trigger"))
    return shades + _unknown(view)


def _unknown(view: LoadView) -> list[Shade]:
    """Stretches of which nothing is known."""
    shades: list[Shade] = []
    for i, status in enumerate(view.status):
        if status is Second.KNOWN:
            continue
        t = float(view.t0 + i)
        if shades and shades[-1].until_t == t and shades[-1].title == status.value:
            shades[-1] = Shade(kind="unknown", from_t=shades[-1].from_t, until_t=t + 1, title=status.value)
        else:
            shades.append(Shade(kind="unknown", from_t=t, until_t=t + 1, title=status.value))
    return shades


def _markers(report: Report) -> list[Marker]:
    return [
        Marker(
            t=entry.t,
            lane="lab" if entry.lane == "users" else entry.lane,
            title=f"{since_impact(report, entry.t)} {entry.text}",
            strong=entry.kind in STRONG,
        )
        for entry in report.timeline
        if entry.kind not in UNDRAWN
    ]
