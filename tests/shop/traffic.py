"""Requests on a schedule, whatever the answers do; what a stall of the whole machine spoilt is left out."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

TICK_S = 0.05
STALL_S = 0.25
AFTER_STALL_S = 1.0
ATTEMPTS = 10


@dataclass(frozen=True, kw_only=True)
class Call:
    """One kind of request."""

    route: str
    method: str
    path: str
    token: str = ""
    json: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one request; status 0 where no answer came in time."""

    route: str
    pod: int
    status: int
    at_s: float
    end_s: float


class Stalls:
    """When this process itself was not run for a while: then nobody was, and nothing is told of the shop."""

    def __init__(self) -> None:
        self._spans: list[tuple[float, float]] = []

    async def watch(self) -> None:
        """Look at the clock, again and again."""
        now_s = asyncio.get_running_loop().time
        before = now_s()
        while True:
            await asyncio.sleep(TICK_S)
            if now_s() - before > TICK_S + STALL_S:
                # What had piled up is worked off afterwards.
                self._spans.append((before, now_s() + AFTER_STALL_S))
            before = now_s()

    def touched(self, start_s: float, end_s: float) -> bool:
        """Whether one fell into this span."""
        return any(start_s <= to_s and end_s >= from_s for from_s, to_s in self._spans)


def send(
    urls: Sequence[str], calls: Iterable[Call], *, per_s: float, for_s: float, timeout_s: float = 2.0
) -> list[Answer]:
    """Send *per_s* requests a second to each of *urls* for *for_s* seconds; wait for the last answer.

    Answers during which the machine stood still are left out; where it stood still all the while, nothing was
    measured, and they are sent anew.
    """
    again = itertools.cycle(calls)
    for _ in range(ATTEMPTS):
        answers = asyncio.run(_send(urls, again, per_s, for_s, timeout_s))
        if answers:
            return answers
    raise AssertionError(f"the machine stood still {ATTEMPTS} times for {for_s:g} s: nothing was measured")


def ok_ratio(
    answers: Iterable[Answer], *routes: str, good: Callable[[int], bool] = lambda s: 0 < s < 500
) -> float:
    """The share of answers on *routes* with a good status."""
    seen = [good(answer.status) for answer in answers if answer.route in routes]
    assert seen, f"no request on {routes}"
    return sum(seen) / len(seen)


def by_status(answers: Iterable[Answer]) -> Counter[tuple[str, int]]:
    """How many answers of each route had each status."""
    return Counter((answer.route, answer.status) for answer in answers)


async def _send(
    urls: Sequence[str], calls: Iterable[Call], per_s: float, for_s: float, timeout_s: float
) -> list[Answer]:
    loop = asyncio.get_running_loop()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch())
    async with httpx.AsyncClient(timeout=timeout_s, limits=limits, trust_env=False) as client:
        started, tasks = loop.time(), []
        for n, call in zip(range(int(per_s * len(urls) * for_s)), calls, strict=False):
            await asyncio.sleep(started + n / (per_s * len(urls)) - loop.time())
            pod = n % len(urls)
            tasks.append(asyncio.create_task(_one(client, urls[pod], pod, call, timeout_s)))
        answers = await asyncio.gather(*tasks)
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    return [answer for answer in answers if not stalls.touched(answer.at_s, answer.end_s)]


async def _one(client: httpx.AsyncClient, url: str, pod: int, call: Call, timeout_s: float) -> Answer:
    now_s = asyncio.get_running_loop().time
    at_s = now_s()
    headers = {"Authorization": f"Bearer {call.token}"} if call.token else {}
    try:
        async with asyncio.timeout(timeout_s):
            answer = await client.request(call.method, url + call.path, headers=headers, json=call.json)
        status = answer.status_code
    except (httpx.HTTPError, TimeoutError):
        status = 0
    return Answer(route=call.route, pod=pod, status=status, at_s=at_s, end_s=now_s())
