"""Speaks to the referee: JSON over TLS, certificate pinned, no proxy."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab.trainee.errors import Refused, Unreachable

TIMEOUT_S = 40.0


class Client:
    """One referee, asked with one token."""

    def __init__(self, url: str, token: str, ca_path: Path | str) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._ca_path = ca_path

    def get(self, path: str) -> Any:
        """What the referee shows at *path*."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Ask the referee for something."""
        return self._ask("POST", path, json.dumps(dict(body or {})).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the URL is the lab's own
            f"{self._url}{path}",
            data=body,
            method=method,
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with self._opener().open(request, timeout=TIMEOUT_S) as answer:
                return _content(answer.headers.get_content_type(), answer.read())
        except urllib.error.HTTPError as error:
            raise _refused(error.code, error.read()) from error
        except OSError as error:
            raise Unreachable(
                f"the referee does not answer at {self._url}: {getattr(error, 'reason', error)}",
                hint="is the lab still up?",
            ) from error

    def _opener(self) -> urllib.request.OpenerDirector:
        trust = ssl.create_default_context(cafile=str(self._ca_path))
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )


def _content(kind: str, raw: bytes) -> Any:
    return json.loads(raw) if kind == "application/json" else raw.decode(errors="replace")


def _refused(status: int, raw: bytes) -> Refused | Unreachable:
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    message, hint = str(body.get("error") or f"the referee said {status}"), str(body.get("hint") or "")
    if status >= 500:
        return Unreachable(message, hint=hint)
    return Refused(message, hint=hint, status=status, body=body)
