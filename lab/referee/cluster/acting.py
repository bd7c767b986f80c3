"""Doing what was asked for: refused while nobody may, written down with what came of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from lab.kube.calls import Call
from lab.kube.errors import ApiError, bad_request, forbidden, invalid
from lab.referee.cluster.admit import Act
from lab.referee.errors import BadRequest, EngineTrouble, Refused


class Acts(Protocol):
    """Where acts are written down; `hands_on` refuses while none may be done."""

    def hands_on(self) -> None: ...
    def act(self, verb: str, target: str, detail: Mapping[str, Any], who: str, result: str) -> None: ...


class Acting:
    """What every change of the shop goes through; *wake* is called after each."""

    def __init__(self, acts: Acts, *, wake: Callable[[], None]) -> None:
        self._acts = acts
        self._wake = wake

    @contextmanager
    def __call__(self, call: Call, act: Act, target: str = "") -> Iterator[None]:
        """Do something to the shop, and write down when it was asked for and what came of it."""
        name = target or call.name
        try:
            self._acts.hands_on()
        except Refused as error:
            raise forbidden(call.user, call.verb, call.kind, name, why=f"{error}; {error.hint}") from None
        try:
            yield
        except Refused as error:
            self._acts.act(act.verb, name, act.detail, call.user, f"refused: {error}")
            if isinstance(error, BadRequest):
                said = f"Invalid value: {error}; {error.hint}"
                raise invalid(call.kind, name, [("spec.replicas", said)]) from None
            raise bad_request(f"{error}: {error.hint}") from None
        except EngineTrouble as error:
            self._acts.act(act.verb, name, act.detail, call.user, f"failed: {error}")
            raise ApiError(503, f"{name}: {error}; look what became of it before you try again") from None
        self._acts.act(act.verb, name, act.detail, call.user, "ok")
        self._wake()

    def also(self, call: Call, act: Act) -> None:
        """Write down what was done by the same change as another act."""
        self._acts.act(act.verb, call.name, act.detail, call.user, "ok")
