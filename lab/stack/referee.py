"""Ask the referee from the host, as its operator."""

import contextlib
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lab.errors import RefereeLost
from lab.stack.state import LabState

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

ANSWER_WITHIN_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Referee:
    """The referee of one lab; RefereeLost where it does not answer."""

    state: LabState

    def status(self) -> dict[str, Any]:
        """What `lab status` shows."""
        return self._json("GET", "/v1/status")

    def brief(self) -> str:
        """The page that the trainee gets."""
        return str(self._json("GET", "/v1/brief")["text"])

    def ask_grade(self) -> None:
        """Say "I am done" for the trainee; asking again changes nothing."""
        self._json("POST", "/v1/grade")

    def report(self) -> dict[str, Any] | None:
        """The report, None while the run is not over."""
        answer = self._report()
        return self._checked(answer) if answer.status_code != HTTPStatus.CONFLICT else None

    def waiting_for(self) -> str:
        """Why there is no report yet."""
        answer = self._report()
        return str(answer.json().get("waiting_for", "")) if answer.status_code == HTTPStatus.CONFLICT else ""

    def _report(self) -> "httpx.Response":
        with self._client() as client:
            return client.get("/v1/report")

    def end(self) -> None:
        """End the run now; its journal gets a last line."""
        self._json("POST", "/v1/end")

    def _json(self, method: str, path: str) -> dict[str, Any]:
        with self._client() as client:
            return self._checked(client.request(method, path))

    @contextlib.contextmanager
    def _client(self) -> "Iterator[httpx.Client]":
        import httpx  # a third of what the command line loads, and not every verb asks the referee

        certificate = self.state.tls_dir / "cert.pem"
        try:
            trust = ssl.create_default_context(cafile=certificate)
            headers = {"Authorization": f"Bearer {self.state.secrets['OPERATOR_TOKEN']}"}
            # No proxy from the environment: this never leaves the machine.
            with httpx.Client(
                base_url=self.state.url,
                verify=trust,
                headers=headers,
                timeout=ANSWER_WITHIN_S,
                trust_env=False,
            ) as client:
                yield client
        except (httpx.TransportError, OSError) as error:
            raise RefereeLost(
                f"the referee of lab {self.state.name} does not answer at {self.state.url}: {error}",
                hint=f"lab doctor, or lab down --name {self.state.name}",
            ) from error

    @staticmethod
    def _checked(answer: "httpx.Response") -> dict[str, Any]:
        try:
            body = answer.json()
        except ValueError:
            body = {}
        if answer.is_error or not isinstance(body, dict):
            said = body.get("error", answer.text[:200]) if isinstance(body, dict) else answer.text[:200]
            raise RefereeLost(f"the referee says {answer.status_code}: {said}")
        return body
