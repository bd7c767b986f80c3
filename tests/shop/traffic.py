"""Requests on a schedule, whatever the answers do."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx


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


def send(
    urls: Sequence[str], calls: Iterable[Call], *, per_s: float, for_s: float, timeout_s: float = 2.0
) -> list[Answer]:
    """Send *per_s* requests a second to each of *urls* for *for_s* seconds; wait for the last answer."""
    return asyncio.run(_send(urls, itertools.cycle(calls), per_s, for_s, timeout_s))


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
    async with httpx.AsyncClient(timeout=timeout_s, limits=limits, trust_env=False) as client:
        started, tasks = loop.time(), []

        async def one(pod: int, call: Call) -> Answer:
            at_s = loop.time() - started
            headers = {"Authorization": f"Bearer {call.token}"} if call.token else {}
            try:
                async with asyncio.timeout(timeout_s):
                    answer = await client.request(
                        call.method, urls[pod] + call.path, headers=headers, json=call.json
                    )
                status = answer.status_code
            except (httpx.HTTPError, TimeoutError):
                status = 0
            return Answer(route=call.route, pod=pod, status=status, at_s=at_s)

        for n, call in zip(range(int(per_s * len(urls) * for_s)), calls, strict=False):
            await asyncio.sleep(started + n / (per_s * len(urls)) - loop.time())
            tasks.append(asyncio.create_task(one(n % len(urls), call)))
        return await asyncio.gather(*tasks)
