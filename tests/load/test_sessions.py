"""The pool of signed-in users."""

import pytest

from loadgen.sessions import NoSession, Session, Sessions


def _session(n: int, *, filled: bool = False) -> Session:
    return Session(token=f"t{n}", customer_id=n, filled=filled)


def test_a_session_is_lent_to_one_visit_at_a_time() -> None:
    """While it is out, nobody else gets it; afterwards it is there again."""
    pool = Sessions(limit=5)
    pool.add(_session(1))
    with pool.any(), pytest.raises(NoSession), pool.any():
        pass
    with pool.any() as session:
        assert session.customer_id == 1


def test_a_checkout_gets_a_filled_cart_and_a_filler_an_empty_one() -> None:
    """Each gets the other kind where its own is not there."""
    pool = Sessions(limit=5)
    pool.add(_session(1))
    pool.add(_session(2, filled=True))
    with pool.with_filled_cart() as full, pool.with_empty_cart() as empty:
        assert (full.customer_id, empty.customer_id) == (2, 1)
        full.filled = False
    with pool.with_filled_cart() as session:
        assert not session.filled


def test_a_lost_session_does_not_come_back() -> None:
    """What the shop has forgotten is given up."""
    pool = Sessions(limit=5)
    pool.add(_session(1))
    with pool.any() as session:
        session.lost = True
    assert len(pool) == 0


def test_a_session_comes_back_though_its_visit_failed() -> None:
    """A time-out says nothing about being signed in."""
    pool = Sessions(limit=5)
    pool.add(_session(1))
    with pytest.raises(TimeoutError), pool.any():
        raise TimeoutError
    assert len(pool) == 1


def test_a_full_pool_renews_itself_empty_carts_first() -> None:
    """The limit holds, also for sessions that return, and filled carts are kept for the checkouts."""
    pool = Sessions(limit=3)
    for n in (1, 2):
        pool.add(_session(n))
    pool.add(_session(3, filled=True))
    pool.add(_session(4))
    assert len(pool) == 3
    with pool.with_filled_cart() as full, pool.with_empty_cart() as empty:
        assert (full.customer_id, empty.customer_id) == (3, 2)
        for n in (5, 6, 7):
            pool.add(_session(n))
    assert len(pool) == 3
