"""The signed-in users that the load has at hand, those with a filled cart apart from those without."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Session:
    """One signed-in user.

    *filled*: the cart is known to hold something. *doubted*: a checkout went unanswered; should the shop come
    to it yet, it will empty the cart at a time that nobody knows. *lost*: the shop forgot us. *ordered*: the
    newest order that was acknowledged, and when (seconds of a clock that only goes on).
    """

    token: str
    customer_id: int
    filled: bool = False
    doubted: bool = False
    lost: bool = False
    ordered: tuple[int, float] | None = None


class NoSession(Exception):
    """Nobody is signed in and free: a state of the pool, not a fault."""


class Sessions:
    """A bounded pool. A session is lent to one visit at a time: nobody checks out one cart twice at once."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._filled: deque[Session] = deque()
        self._empty: deque[Session] = deque()

    def __len__(self) -> int:
        return len(self._filled) + len(self._empty)

    def add(self, session: Session) -> None:
        """Take in a new session; when full, the one that waited longest (an empty cart first) makes room."""
        if len(self) >= self._limit:
            (self._empty or self._filled).popleft()
        self._put(session)

    @contextmanager
    def with_filled_cart(self) -> Iterator[Session]:
        """Lend a session whose cart is filled, or one with an empty cart where there is none."""
        yield from self._lend(self._filled or self._empty)

    @contextmanager
    def with_empty_cart(self) -> Iterator[Session]:
        """Lend a session whose cart is empty, or one with a filled cart where there is none."""
        yield from self._lend(self._empty or self._filled)

    @contextmanager
    def any(self) -> Iterator[Session]:
        """Lend a session from where there are more."""
        yield from self._lend(max(self._empty, self._filled, key=len))

    def _lend(self, shelf: deque[Session]) -> Iterator[Session]:
        if not shelf:
            raise NoSession
        session = shelf.popleft()
        try:
            yield session
        finally:
            if not session.lost and len(self) < self._limit:
                self._put(session)

    def _put(self, session: Session) -> None:
        (self._filled if session.filled else self._empty).append(session)
