"""The visitors who are there before the first counted arrival."""

from typing import Any

from loadgen.warmup import WarmUp, wanted_sessions


def _run(world: Any, wanted: int) -> tuple[int, float]:
    naps: list[float] = []
    warm_up = WarmUp(shop=world.shop, seed=1, per_s=40, limit_s=10)
    warm_up.run(wanted, spawn=lambda enter, n: enter(n), sleep=naps.append)
    return len(world.shop.sessions), sum(naps)


def test_visitors_sign_in_gently_with_filled_carts(world: Any) -> None:
    """As many as are wanted, 40 a second, none of them gold, each with something in the cart."""
    there, took_s = _run(world, 20)
    assert there == 20
    assert 0.4 < took_s < 0.6
    assert world.stub.golds == 0
    with world.shop.sessions.with_filled_cart() as session:
        assert session.filled


def test_a_shop_that_is_down_is_given_up_on(world: Any) -> None:
    """After ten seconds arrivals come all the same."""
    world.client.fail = "conn"
    there, took_s = _run(world, 20)
    assert there == 0
    assert 9 < took_s < 11


def test_there_are_enough_for_a_shop_that_hangs() -> None:
    """27 a second need a session and each is held for the time-out."""
    assert 54 < wanted_sessions(60, 2.0) < 100
