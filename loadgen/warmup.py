"""Sign in the visitors who are in the shop already when the first counted arrival comes."""

import math
from collections.abc import Callable
from random import Random
from typing import TypeAlias

from loadgen.catalogue import popular_product
from loadgen.customers import pick
from loadgen.errors import Unanswered
from loadgen.journeys.cart import fill
from loadgen.journeys.login import sign_in
from loadgen.sessions import NoSession
from loadgen.shop import Shop
from loadgen.words import MIX

NEED_SESSIONS_RATIO = (MIX["cart"] + MIX["checkout"] + MIX["history"]) / sum(MIX.values())
_SPARE = 30

Spawn: TypeAlias = Callable[[Callable[[int], None], int], object]
"""Start a function of one number, and return at once."""


def wanted_sessions(rate_per_s: float, timeout_s: float) -> int:
    """How many sessions keep everybody served who needs one, even while every answer times out."""
    return math.ceil(rate_per_s * NEED_SESSIONS_RATIO * timeout_s) + _SPARE


class WarmUp:
    """A gentle ramp of sign-ins, none of them counted, given up after *limit_s*.

    Only standard customers: how often gold ones sign in is the plan's to say.
    """

    def __init__(self, *, shop: Shop, seed: int, per_s: float = 120.0, limit_s: float = 10.0) -> None:
        self._shop = shop
        self._seed = seed
        self._per_s = per_s
        self._limit_s = limit_s

    def run(self, wanted: int, *, spawn: Spawn, sleep: Callable[[float], None]) -> None:
        """Sign in until *wanted* sessions are there or the time is out."""
        for n in range(int(self._limit_s * self._per_s)):
            if len(self._shop.sessions) >= wanted:
                return
            spawn(self._enter, n)
            sleep(1 / self._per_s)

    def _enter(self, n: int) -> None:
        dice = Random(f"{self._seed}/warm/{n}")  # noqa: S311 - traffic, not secrets
        try:
            sign_in(self._shop, pick(dice, gold=False, customers=self._shop.customers))
            with self._shop.sessions.with_empty_cart() as session:
                if not session.filled:
                    fill(self._shop, session, popular_product(dice), 1)
        except (Unanswered, NoSession):
            pass  # the next one may get in
