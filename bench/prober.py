"""An independent witness: one customer's order history, asked for twenty times a second."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import httpx

EVERY_S = 0.05
TIMEOUT_S = 2.0
# What users of the shop call slow, as the scenarios' own objectives do.
GOOD_WITHIN_S = 0.5
# Nothing is measured yet.
SIGN_IN_WITHIN_S = 30.0
# A time-out of 2 s at 20 a second keeps forty busy.
AT_ONCE = 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One request: when it was due, and whether it was answered as it should be, and soon enough."""

    due_t: float
    good: bool


class Prober:
    """Asks on a schedule, whatever the answers do, in a thread of its own."""

    def __init__(self, shop_url: str) -> None:
        self._client = httpx.Client(
            base_url=shop_url, timeout=TIMEOUT_S, limits=httpx.Limits(max_connections=AT_ONCE)
        )
        self._stop = threading.Event()
        self._answers: list[Answer] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._headers = {"Authorization": f"Bearer {self._sign_in()}"}

    def _sign_in(self) -> str:
        body = {"email": "customer1@shop.example", "password": "correct-horse-1"}
        answer = self._client.post("/login", json=body, timeout=SIGN_IN_WITHIN_S).raise_for_status()
        return str(answer.json()["token"])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._client.close()

    def answers(self) -> tuple[Answer, ...]:
        """All that have ended, in the order in which they were due."""
        return tuple(sorted(self._answers, key=lambda answer: answer.due_t))

    def _run(self) -> None:
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            due = time.time()
            while not self._stop.is_set():
                pool.submit(self._ask, due)
                due += EVERY_S
                self._stop.wait(max(0.0, due - time.time()))

    def _ask(self, due: float) -> None:
        try:
            answer = self._client.get("/orders", headers=self._headers)
            in_time = time.time() - due <= GOOD_WITHIN_S
            good = in_time and answer.status_code == 200 and "orders" in answer.json()
        except (httpx.HTTPError, ValueError):
            good = False
        self._answers.append(Answer(due_t=due, good=good))


def restored_at(answers: Sequence[Answer], *, after_t: float, hold_s: float) -> float | None:
    """The first good answer after the outage that began after *after_t* whose whole hold is 99% good.

    None where there was no outage, or where nothing held for *hold_s* after it.
    """
    late = [answer for answer in answers if answer.due_t >= after_t]
    first_bad = next((i for i, answer in enumerate(late) if not answer.good), None)
    if first_bad is None:
        return None
    for i in range(first_bad, len(late)):
        if late[i].good and _holds(late[i:], hold_s):
            return late[i].due_t
    return None


def _holds(answers: Sequence[Answer], hold_s: float) -> bool:
    start_t = answers[0].due_t
    held = [answer.good for answer in answers if answer.due_t < start_t + hold_s]
    whole = answers[-1].due_t >= start_t + hold_s - 2 * EVERY_S
    # The first second must be clean: 99% of a minute would forgive twelve failures at its start.
    first = [answer.good for answer in answers if answer.due_t < start_t + 1]
    return whole and all(first) and sum(held) >= 0.99 * len(held)
