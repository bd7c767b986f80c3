"""A release rolled out, and the one waiting loop."""

import pytest

from faults.errors import ForeignState, NotReached
from faults.release import BadRelease
from faults.wait import until
from tests.unit.clocks import Jumping

FAULT = BadRelease(deployment="api", release="2.4.0", cause="2.4.0: offers")


class Deployments:
    """A controller's desired state, and every roll-out asked of it."""

    def __init__(self, release: str) -> None:
        self.releases = [release]

    def release_of(self, deployment: str) -> str:
        assert deployment == "api"
        return self.releases[-1]

    def roll_out(self, deployment: str, *, release: str, cause: str) -> int:
        assert cause
        self.releases.append(release)
        return len(self.releases)


def test_a_bad_release_is_rolled_out_and_back_from_its_receipt_alone() -> None:
    pods = Deployments("2.3.1")
    receipt = FAULT.prepare(pods)
    assert pods.releases == ["2.3.1"], "prepare touches nothing"
    assert not FAULT.active(pods, receipt)
    FAULT.inject(pods, receipt)
    assert FAULT.active(pods, receipt)
    FAULT.revert(pods, receipt)
    FAULT.revert(pods, receipt)
    assert pods.releases == ["2.3.1", "2.4.0", "2.3.1"]


def test_a_release_that_somebody_rolled_back_is_left_alone() -> None:
    pods = Deployments("2.3.1")
    receipt = FAULT.prepare(pods)
    FAULT.inject(pods, receipt)
    pods.roll_out("api", release="2.3.0", cause="by hand")
    assert not FAULT.active(pods, receipt)
    FAULT.revert(pods, receipt)
    assert pods.release_of("api") == "2.3.0"


def test_a_release_that_is_out_already_is_none_of_ours() -> None:
    with pytest.raises(ForeignState, match=r"api wants release 2\.4\.0 already"):
        FAULT.prepare(Deployments("2.4.0"))


def test_waiting_returns_the_first_reading_there_is() -> None:
    readings = iter([None, None, 3])
    clock = Jumping()
    assert until(lambda: next(readings), what="x", timeout_s=10, every_s=2, clock=clock) == 3
    assert clock.t == 4


def test_waiting_in_vain_says_for_what_how_long_and_what_was_seen_last() -> None:
    def read() -> int | None:
        raise ConnectionError("refused")

    with pytest.raises(
        NotReached, match=r"redis answers: not reached in 5 s \(last: ConnectionError: refused\)"
    ):
        until(read, what="redis answers", timeout_s=5, clock=Jumping(), ignore=(ConnectionError,))


def test_an_error_that_is_not_expected_ends_the_wait() -> None:
    def read() -> int | None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        until(read, what="x", timeout_s=5, clock=Jumping(), ignore=(ConnectionError,))
