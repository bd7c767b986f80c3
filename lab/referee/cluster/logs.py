"""`kubectl logs`: what a container has written, in whole or in part, followed, or before its last start."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread
import docker
import requests
from docker.errors import DockerException, NotFound
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from urllib3.exceptions import HTTPError

from lab.kube.ages import unix
from lab.kube.calls import Call, whole
from lab.kube.errors import ApiError, bad_request

MAX_BYTES = 10 * 2**20
# Each client that follows a log keeps a thread waiting: of these, not of those that answer everybody else.
FOLLOWERS = anyio.CapacityLimiter(64)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of a container's log is wanted; times in unix seconds."""

    since_t: float | None
    until_t: float | None
    tail: int | None
    follow: bool
    timestamps: bool
    limit_bytes: int

    @classmethod
    def of(cls, call: Call, *, started_t: float, now_t: float, whole_life: bool) -> "Wanted":
        """Read a call's query; *started_t*: when the container was last started.

        *whole_life*: what it wrote before that is shown as well: a database's log outlives its restarts.
        """
        query = call.query
        since_s, since_time = whole(query, "sinceSeconds"), query.get("sinceTime", "")
        try:
            since_t = unix(since_time) if since_time else now_t - since_s if since_s is not None else None
        except ValueError:
            raise bad_request(f"sinceTime: {since_time!r} is no time stamp") from None
        previous = query.get("previous") == "true"
        return cls(
            since_t=since_t if previous or whole_life else max(since_t or 0.0, started_t - 0.5),
            until_t=started_t - 0.5 if previous else None,
            tail=whole(query, "tailLines"),
            follow=query.get("follow") == "true" and not previous,
            timestamps=query.get("timestamps") == "true",
            limit_bytes=min(whole(query, "limitBytes") or MAX_BYTES, MAX_BYTES),
        )


def answer(api: docker.APIClient, container: str, wanted: Wanted) -> Response:
    """The log as a response; raises 404 where the container is gone."""
    options: dict[str, Any] = {
        "stdout": True,
        "stderr": True,
        "timestamps": wanted.timestamps,
        "since": wanted.since_t,
        "until": wanted.until_t,
        "tail": "all" if wanted.tail is None else wanted.tail,
    }
    options = {key: value for key, value in options.items() if value is not None}
    try:
        if wanted.follow:
            pieces = api.logs(container, stream=True, follow=True, **options)
            return StreamingResponse(_followed(pieces), media_type="text/plain")
        text = bytes(api.logs(container, stream=False, **options))
    except NotFound:
        raise ApiError(404, "the container of the pod is gone") from None
    except (DockerException, requests.RequestException) as error:
        raise ApiError(500, f"the log cannot be read: {error}") from None
    return PlainTextResponse(text[: wanted.limit_bytes])


async def _followed(pieces: Any) -> AsyncIterator[bytes]:
    """Each piece as it comes; when the client leaves, the engine's stream is cut and its thread let go."""
    try:
        while piece := await anyio.to_thread.run_sync(
            _next, pieces, limiter=FOLLOWERS, abandon_on_cancel=True
        ):
            yield piece
    finally:
        with contextlib.suppress(OSError):  # the engine ended it first
            pieces.close()


def _next(pieces: Iterator[bytes]) -> bytes:
    """The next piece; empty at the end."""
    try:
        return next(pieces, b"")
    except (DockerException, requests.RequestException, HTTPError, OSError):
        return b""
