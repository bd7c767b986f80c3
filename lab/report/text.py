"""The report for a terminal or a log."""

import textwrap
from collections.abc import Iterable

from lab.grade import Grade, Report, Verdict
from lab.report.handled import handled
from lab.report.made_of import ran_on, seeded, tags
from lab.report.words import MET, felt, headline, lost, since_impact, took, word
from lab.targets import STANDARD

WIDTH = 100
COLOURS = {Verdict.PASS: "32", Verdict.FAIL: "31", Verdict.UNKNOWN: "33"}
MARKS = {"trap": "!", "good": "+", "plain": "-"}


def render(report: Report, *, colour: bool = False) -> str:
    """The whole report; *colour* puts terminal colours on verdicts."""
    whose = f"{report.title} ({report.scenario})"
    verdict = _paint(report.verdict.value.upper(), report.verdict, colour=colour)
    lines = [
        "  ".join(part for part in (verdict, word(report), f"{report.score}/100", whose) if part),
        headline(report),
        "",
        *_section("Because", (_bullet(reason) for reason in report.because)),
        *_section("Users", (textwrap.indent(_fill(s), "  ") for s in (felt(report), lost(report)))),
        *_section("Look at this", (_bullet(flag.text) for flag in report.flags)),
        *_section("Objectives", (_grade(g, colour=colour) for g in report.grades)),
        *_section("Times", _times(report)),
        *_section("How it was handled", (_bullet(line) for line in handled(report))),
        *_section("What you did", _notices(report)),
        *_section(
            "Hints",
            (f"  hint {h.n} at {since_impact(report, h.t)}, {h.price:g} points" for h in report.hints),
        ),
        *_colophon(report),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    body = list(lines)
    return [title, *body, ""] if body else []


def _grade(grade: Grade, *, colour: bool) -> str:
    verdict = _paint(f"{grade.verdict.value:<7}", grade.verdict, colour=colour)
    required = "" if grade.required else " (scores only)"
    head = f"  {verdict} {grade.earned:>4g}/{grade.possible:<3} {grade.objective}{required}"
    return f"{head}\n{_fill(grade.because, indent=18)}"


def _times(report: Report) -> list[str]:
    return [
        f"  {m.name.replace('_', ' '):<14} {MET[m.met]:<10} {took(m)}"
        for m in report.milestones
        if m.met is not None
    ]


def _notices(report: Report) -> list[str]:
    return [
        f"  {MARKS[n.tone]} {since_impact(report, n.t)}  {textwrap.shorten(n.did, WIDTH - 14)}\n"
        f"{_fill(n.came_of_it, indent=6)}"
        for n in report.notices
    ]


def _colophon(report: Report) -> list[str]:
    notes = [f"run {report.run_id}" if report.run_id else ""]
    notes += [
        f"hastened {report.speed:g} times" if report.speed > 1 else "",
        f"{report.targets} targets" if report.targets != STANDARD else "",
        "calm run" if report.calm else "",
    ]
    notes += [f"{name} {version}" for name, version in sorted(report.versions.items())]
    lines = [", ".join(note for note in (*notes, seeded(report)) if note)]
    lines += [f"on {machine}" for machine in (ran_on(report),) if machine]
    lines += [f"images {images}" for images in (tags(report),) if images]
    return [textwrap.fill(line, WIDTH, subsequent_indent="  ", break_on_hyphens=False) for line in lines]


def _bullet(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _fill(text: str, *, indent: int = 0) -> str:
    pad = " " * indent
    return textwrap.fill(text, WIDTH, initial_indent=pad, subsequent_indent=pad, break_long_words=False)


def _paint(text: str, verdict: Verdict, *, colour: bool) -> str:
    return f"\x1b[1;{COLOURS[verdict]}m{text}\x1b[0m" if colour else text
