"""The referee's HTTP face: JSON over TLS, two bearer tokens, each route one call."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from lab.errors import LabError
from lab.referee.desk import Desk
from lab.referee.errors import BadRequest, Refused

MAX_BODY_BYTES = 64 * 1024

Call: TypeAlias = "Callable[[Asked], Any]"
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer whose status depends on what it says."""

    status: int
    content: Mapping[str, Any]


class Desktop(Protocol):
    """What is read, rather than asked for."""

    def health(self) -> dict[str, Any]: ...
    def brief(self) -> dict[str, Any]: ...
    def status(self) -> dict[str, Any]: ...
    def report(self) -> Answer: ...


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Who may ask."""

    trainee: str
    operator: str

    def who(self, header: str) -> str | None:
        """Whose token an Authorization header carries; compared in constant time."""
        given = header.removeprefix("Bearer ").encode()
        if hmac.compare_digest(given, self.operator.encode()):
            return "operator"
        if hmac.compare_digest(given, self.trainee.encode()):
            return "trainee"
        return None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, checked: who asks, with which path, query and body."""

    who: str
    path: Mapping[str, Any]
    query: Mapping[str, str]
    body: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A string of the body."""
        value = self.body.get(name)
        if not isinstance(value, str):
            raise BadRequest(f"{name!r} must be a text, got {_shown(value)}", hint=f'{{"{name}": "…"}}')
        return value


def application(*, desk: Desk, desktop: Desktop, tokens: Tokens, more: Sequence[BaseRoute] = ()) -> Starlette:
    """The whole application; *more* routes are put beside the lab's own."""

    def route(path: str, method: str, call: Call, *, operator: bool = False, status: int = 200) -> Route:
        return Route(path, _handler(call, tokens, operator=operator, status=status), methods=[method])

    return Starlette(
        routes=[
            route("/v1/report", "GET", lambda _: desktop.report()),
            route("/v1/health", "GET", lambda _: desktop.health()),
            route("/v1/brief", "GET", lambda _: desktop.brief()),
            route("/v1/status", "GET", lambda _: desktop.status()),
            route("/v1/ack", "POST", lambda a: desk.ack(a.who)),
            route("/v1/status-update", "POST", lambda a: desk.status_update(a.text("text"), a.who)),
            route("/v1/diagnose", "POST", lambda a: _diagnose(desk, a)),
            route("/v1/hint", "GET", lambda _: desk.next_hint()),
            route("/v1/hint", "POST", lambda _: desk.take_hint()),
            route("/v1/grade", "POST", lambda a: desk.ask_grade(a.who), status=202),
            route("/v1/end", "POST", lambda a: desk.end(a.who), operator=True, status=202),
            *more,
        ],
        exception_handlers={HTTPException: _http_trouble},
    )


def _diagnose(desk: Desk, asked: Asked) -> dict[str, Any]:
    return desk.diagnose(asked.text("component"), asked.text("fault"), asked.text("evidence"), asked.who)


def _handler(call: Call, tokens: Tokens, *, operator: bool, status: int) -> Handler:
    async def handle(request: Request) -> Response:
        who = tokens.who(request.headers.get("authorization", ""))
        if who is None:
            return _trouble(401, "no such token", "the toolbox has the right one in LAB_TOKEN")
        if operator and who != "operator":
            return _trouble(403, "only the operator may do that", "lab down ends a lab")
        try:
            asked = Asked(
                who=who, path=request.path_params, query=request.query_params, body=await _body(request)
            )
            answer = await run_in_threadpool(call, asked)
        except Refused as error:
            return _trouble(error.status, str(error), error.hint)
        except LabError as error:
            return _trouble(503, str(error), error.hint or "try again in a moment")
        if isinstance(answer, str):
            return PlainTextResponse(answer, status_code=status)
        if isinstance(answer, Answer):
            return JSONResponse(answer.content, status_code=answer.status)
        return JSONResponse(answer, status_code=status)

    return handle


async def _body(request: Request) -> Mapping[str, Any]:
    if request.method != "POST":
        return {}
    raw = b""
    async for piece in request.stream():
        raw += piece
        if len(raw) > MAX_BODY_BYTES:
            raise BadRequest(f"the body is over {MAX_BODY_BYTES} bytes", hint="say it shorter")
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise BadRequest(f"the body is no JSON: {error}", hint='{"text": "…"}') from error
    if not isinstance(body, dict):
        raise BadRequest(f"the body must be a JSON object, got {_shown(body)}", hint='{"text": "…"}')
    return body


def _http_trouble(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _trouble(
        status, f"{request.method} {request.url.path}: not known here", "lab --help lists the verbs"
    )


def _trouble(status: int, error: str, hint: str) -> JSONResponse:
    return JSONResponse({"error": error, "hint": hint}, status_code=status)


def _shown(value: object) -> str:
    return "nothing" if value is None else repr(value)[:80]
