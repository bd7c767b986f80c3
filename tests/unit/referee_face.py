"""A referee that answers over HTTP, without a server and without a lab: a desk with a journal of its own."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from lab.history.journal import Journal, read_history
from lab.history.records import Event
from lab.referee.desk import Desk
from lab.referee.recorder import Recorder
from lab.referee.server import Answer, Tokens, application

TRAINEE = {"Authorization": "Bearer trainee-token"}
DRILL: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("run_started", {}),
    ("stack_ready", {}),
    ("baseline_started", {}),
    ("baseline_ended", {"ok": True}),
    ("alert_firing", {"alert": "Errors"}),
    ("page", {"alert": "Errors"}),
)


class Shown:
    """A desktop with fixed answers."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def health(self) -> dict[str, Any]:
        """Well."""
        return {"phase": "paged"}

    def brief(self) -> dict[str, Any]:
        """A page."""
        return {"text": "You are on call."}

    def status(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def report(self) -> Answer:
        """None while the run goes on."""
        if self._recorder.over:
            return Answer(status=200, content={"verdict": "pass", "text": "PASS\n"})
        return Answer(status=409, content={"error": "not ended", "waiting_for": "service", "state": "paged"})


class Http:
    """Calls the application without a server."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        """One call."""

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://referee") as client:
                return await client.request(method, path, **how)

        return asyncio.run(call())

    def get(self, path: str, *, headers: Mapping[str, str]) -> httpx.Response:
        """One GET."""
        return self.request("GET", path, headers=dict(headers))


@dataclass
class Referee:
    """A desk with a journal of its own."""

    folder: Path
    now: float = 1000.0

    def __post_init__(self) -> None:
        """Put it together."""
        self.journal = Journal.open(self.folder / "journal.jsonl")
        self.recorder = Recorder(self.journal, now=lambda: self.now, keep_s=60)
        self.desk = Desk(
            recorder=self.recorder,
            hints=["where", "what"],
            hint_prices=(2, 3),
            calm=False,
            now=lambda: self.now,
        )
        tokens = Tokens(trainee="trainee-token", operator="operator-token")
        self.app = application(desk=self.desk, desktop=Shown(self.recorder), tokens=tokens)
        self.http = Http(self.app)

    def begin(self) -> None:
        """Bring the run to its page."""
        for kind, detail in DRILL:
            self.recorder.event(kind, detail)

    def post(self, path: str, body: object = None, headers: Mapping[str, str] = TRAINEE) -> tuple[int, Any]:
        """One call."""
        answer = self.http.request("POST", path, json=body, headers=dict(headers))
        return answer.status_code, answer.json()

    def events(self, kind: str) -> list[Mapping[str, Any]]:
        """What the journal has of a kind, read from disk."""
        history = read_history(self.folder / "journal.jsonl")
        return [r.detail for r in history if isinstance(r, Event) and r.kind == kind]
