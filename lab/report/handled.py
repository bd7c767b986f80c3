"""How the incident was handled, in sentences that text, page and JUnit share."""

from collections.abc import Iterator

from lab.grade import Report
from lab.grade.say import duration
from lab.report.words import since_impact


def handled(report: Report) -> tuple[str, ...]:
    """A sentence for each thing worth saying; none where nothing went wrong and nothing was done."""
    return tuple(_sentences(report))


def _sentences(report: Report) -> Iterator[str]:
    how = report.handling
    counted_from = "page" if report.page_t is not None else "impact"
    if how.first_look_t is not None and how.first_look_s is not None:
        yield f"First useful look {duration(how.first_look_s)} after the {counted_from}: {how.first_look}."
    elif report.impact_t is not None:
        yield "No look at what was wrong is recorded."
    if how.fixed_by_t is not None:
        when = since_impact(report, how.fixed_by_t)
        yield f"Last act before users were served again ({when}): {how.fixed_by}."
    if how.false_starts:
        yield f"{_count(how.false_starts, 'false start')} before the cure."
    if how.restarts:
        yield f"{_count(how.restarts, 'restart')} asked for."
    if how.sessions_ended:
        unaimed = (
            f", {how.sessions_ended_unaimed} of them without choosing whose"
            if how.sessions_ended_unaimed
            else ""
        )
        yield f"{_count(how.sessions_ended, 'statement')} ended sessions{unaimed}."
    if how.extra_outage_s:
        yield f"Acts hurt users anew for {duration(how.extra_outage_s)}."
    for left in how.settings_left:
        yield (
            f"Left out of bounds: {left.setting} of {left.on} is {left.now:.15g} (it was {left.was:.15g}), "
            f"wanted {left.wanted}."
        )


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
