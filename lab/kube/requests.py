"""What a request carries besides its path, and what is left of one that cannot be understood."""

import json
from dataclasses import replace
from typing import Any

from starlette.requests import Request

from lab.kube import protobuf
from lab.kube.calls import Call, Stray
from lab.kube.errors import ApiError
from lab.kube.reviews import Role

MAX_BODY_BYTES = 512 * 1024


def stray(request: Request, role: Role) -> Stray:
    """What the history has of a request as long as it is not understood."""
    command = request.headers.get("kubectl-command", "")
    return Stray(verb=request.method.lower(), object=request.url.path, user=role.user, command=command)


def with_options(call: Call, options: Any) -> Call:
    """What a deletion asks for in its body is what other calls ask for in their query."""
    dry_run = options.get("dryRun") if isinstance(options, dict) else None
    return replace(call, query={**call.query, "dryRun": "All"}) if dry_run == ["All"] else call


async def body_of(request: Request) -> Any:
    """What a request carries: JSON, or the one kind of protobuf that kubectl sends."""
    raw = b""
    async for piece in request.stream():
        raw += piece
        if len(raw) > MAX_BODY_BYTES:
            raise ApiError(413, f"the body is over {MAX_BODY_BYTES} bytes", reason="RequestEntityTooLarge")
    if request.headers.get("content-type", "").startswith(protobuf.MEDIA_TYPE):
        return protobuf.decode(raw)
    try:
        return json.loads(raw or b"{}")
    except ValueError as error:
        raise ApiError(400, f"the body is no JSON: {error}") from None
