"""Waits that verbs do on behalf of a person: for the report."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from lab.trainee.client import Client
from lab.trainee.errors import Refused, Unreachable

POLL_S = 0.5
NOT_YET = 409
SILENCE_LIMIT_S = 20.0


def until_report(client: Client, *, show: Callable[[str, str], None]) -> Mapping[str, Any]:
    """Wait for the report; *show* is told each second what is waited for, and how far that is.

    A referee that does not answer for a while is being restarted, and goes on where it was.
    """
    heard = time.monotonic()
    while True:
        try:
            report: Mapping[str, Any] = client.get("/v1/report")
        except Refused as refusal:
            if refusal.status != NOT_YET or not isinstance(refusal.body, dict):
                raise
            show(str(refusal.body.get("waiting_for")), _how_far(refusal.body))
            heard = time.monotonic()
        except Unreachable:
            if time.monotonic() - heard > SILENCE_LIMIT_S:
                raise
            show("the referee to answer", "")
        else:
            return report
        time.sleep(POLL_S * 2)


def _how_far(body: Mapping[str, Any]) -> str:
    elapsed_s, needs_s = body.get("elapsed_s"), body.get("needs_s")
    if elapsed_s is None:
        return ""
    return f"{elapsed_s:.0f} s" if needs_s is None else f"{elapsed_s:.0f} of {needs_s:.0f} s"
