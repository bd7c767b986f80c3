"""A brief reads as a page would: it has to tell who is called what they need before they touch anything."""

from lab.lint.problem import Found
from lab.runbook import Runbook

LEADS = (
    "What changed lately.",
    "What you may do.",
    "What you may not do.",
    "Where to look first.",
    "How the clock runs.",
)
"""How its paragraphs begin, in bold type; before the first of them stands what is paging."""


def of_brief(runbook: Runbook) -> Found:
    """Each part that the brief lacks, or has in another place."""
    at = "heading '## Brief'"
    found = [lead for lead in LEADS if f"\n**{lead}** " in f"\n{runbook.brief}"]
    for lead in LEADS:
        if lead not in found:
            yield at, f"no paragraph begins with **{lead}**"
    if sorted(found, key=runbook.brief.index) != found:
        yield at, f"its paragraphs come in another order than {', '.join(LEADS)}"
    if not runbook.brief.partition("**")[0].strip():
        yield at, "it does not begin with what is paging: who is called, and what users see"
