"""The request that is being served, known to everything below it."""

from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="-")


def current_request() -> str:
    """The id of the request being served; "-" outside of any."""
    return _request_id.get()


def begin_request(request_id: str) -> None:
    """Make *request_id* the current one for this task and the threads it calls."""
    _request_id.set(request_id)
