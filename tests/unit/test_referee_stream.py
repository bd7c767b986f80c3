"""Acknowledged orders against the stream that tells of them: shipped, waiting, young, lost, given up."""

import runpy
from typing import Any

import pytest
import yaml

from lab import catalog
from lab.referee.commands import TAIL_S
from lab.referee.drive import REPLAY_LEAD_S
from lab.referee.ledger import MAX_EXAMPLES
from lab.referee.order_stream import DEAD_LETTERS, GROUP, Standing, waiting
from lab.referee.stream import GRACE_S, Fulfilment, Owed
from lab.scenario import hastened, held
from lab.stack.compose import FILE, ORDER_STREAM
from lab.stack.places import checkout

NOBODY = Standing()
OURS, OTHER = ("1000007", "key-7"), ("1000008", "key-8")
PROVEN_AT_SPEED = 3.0
IDLE_S = 1.0
"""As long as the worker waits for a message, before it looks for what nobody told of."""


def judged(*, status: str | None = "paid", age_s: float = 120.0, standing: Standing = NOBODY) -> Fulfilment:
    """One order, judged."""
    found = Fulfilment()
    found.add(Owed(order=OURS, status=status, age_s=age_s), standing)
    return found


def entry(place: str, order: tuple[str, str]) -> list[Any]:
    """A message as redis-cli gives it."""
    return [place, ["order_id", order[0], "total_cents", "5", "idempotency_key", order[1]]]


@pytest.mark.parametrize(
    ("order", "standing", "lost", "given_up"),
    [
        ({"status": "shipped"}, NOBODY, 0, 0),
        ({}, NOBODY, 1, 0),
        ({}, Standing(waiting=frozenset({OURS})), 0, 0),
        ({}, Standing(waiting=frozenset({OTHER})), 1, 0),
        ({}, Standing(waiting=frozenset({(OURS[0], OTHER[1])})), 1, 0),
        ({"age_s": GRACE_S - 0.1}, NOBODY, 0, 0),
        ({"age_s": GRACE_S}, NOBODY, 1, 0),
        ({}, Standing(given_up=frozenset({OURS})), 0, 1),
        ({}, Standing(given_up=frozenset({OTHER})), 1, 0),
        ({"status": "shipped"}, Standing(given_up=frozenset({OURS})), 0, 0),
        ({"age_s": GRACE_S - 0.1}, Standing(given_up=frozenset({OURS})), 0, 0),
        ({}, Standing(waiting=frozenset({OURS}), given_up=frozenset({OURS})), 0, 0),
        ({"status": None}, NOBODY, 0, 0),
        ({"status": "cancelled"}, Standing(given_up=frozenset({OURS})), 0, 0),
    ],
)
def test_an_order_is_shipped_or_waits_or_is_young_or_else_it_is_counted(
    order: dict[str, Any], standing: Standing, lost: int, given_up: int
) -> None:
    found = judged(**order, standing=standing)
    assert (found.stream_checked, found.stream_lost, found.stream_given_up) == (1, lost, given_up)
    assert len(found.examples) == lost + given_up


def test_examples_say_which_order_and_why_and_are_few() -> None:
    found = judged()
    assert found.examples == ["order 1000007: paid 120 s ago, not shipped and not in the stream"]
    found.add(Owed(order=OTHER, status="paid", age_s=60), Standing(given_up=frozenset({OTHER})))
    assert found.examples[1] == "order 1000008: the worker gave it up, it was never shipped"
    for n in range(MAX_EXAMPLES):
        found.add(Owed(order=(str(n), f"key-{n}"), status="paid", age_s=60), NOBODY)
    assert (found.stream_checked, found.stream_lost, found.stream_given_up) == (
        2 + MAX_EXAMPLES,
        1 + MAX_EXAMPLES,
        1,
    )
    assert len(found.examples) == MAX_EXAMPLES


def test_what_is_in_hand_and_what_is_undelivered_waits() -> None:
    """The first is acknowledged and was left there, the second in hand; the third comes after the last."""
    there = [entry("9-0", ("1", "a")), entry("10-0", ("2", "b")), entry("10-1", ("3", "c"))]
    group = {"name": GROUP, "pending": 1, "last-delivered-id": "10-0"}
    assert waiting(there, group=group, pending=[["10-0", "worker-1", 312, 1]]) == {("2", "b"), ("3", "c")}
    assert waiting(there, group=group, pending=[]) == {("3", "c")}


def test_without_a_group_the_worker_begins_with_the_oldest() -> None:
    there = [entry("9-0", ("1", "a")), entry("10-0", ("2", "b"))]
    assert waiting(there, group=None, pending=[]) == {("1", "a"), ("2", "b")}


def test_a_message_that_names_no_order_is_nobodys() -> None:
    there = [["9-0", ["order_id", "None", "idempotency_key", "web-1"]], ["9-1", ["what", "ever"]]]
    assert waiting(there, group=None, pending=[]) == {("None", "web-1"), ("", "")}


@pytest.fixture
def worker() -> Any:
    """The worker's settings, as a lab's environment makes them."""
    environment = yaml.safe_load((checkout() / FILE).read_text())["services"]["worker"]["environment"]
    settings = runpy.run_path(str(checkout() / "compose/shop/worker/shopworker/settings.py"))["Settings"]
    return settings.from_env({**environment, "ORDER_STREAM": ORDER_STREAM})


def test_the_referee_knows_the_streams_by_the_workers_names(worker: Any) -> None:
    assert (worker.group, worker.dead_letters) == (GROUP, DEAD_LETTERS.format(stream=ORDER_STREAM))


def test_the_grace_covers_the_workers_search(worker: Any) -> None:
    """It is looked for when it is old enough, which may be just after the last look; a server may be away."""
    assert worker.lost_after_s > 0
    assert 2 * worker.lost_after_s + IDLE_S + worker.longest_backoff_s <= GRACE_S


@pytest.mark.parametrize("scenario_id", [s.id for s in catalog.everything() if "worker" in s.services])
def test_what_went_untold_before_a_fix_is_found_before_the_ledger_is_closed(scenario_id: str) -> None:
    """Of a proof, too, whose holds are short."""
    scenario = hastened(catalog.find(scenario_id), PROVEN_AT_SPEED)
    hold_s = max(o.hold_s for o in scenario.objectives if held(o.probe))
    replay = scenario.replay
    assert hold_s + REPLAY_LEAD_S + replay.burst.for_s + replay.settle_s + TAIL_S >= GRACE_S
