"""Reading the plan, and going on when it cannot be read."""

from pathlib import Path

import pytest

from loadgen.errors import BadPlan
from loadgen.plan import IDLE, Burst, Plan, PlanFile, parse

FULL = """{"rate_per_s": 60, "options": {"gold_ratio": 0.3}, "bursts": [
  {"id": "replay", "route": "login", "rate_per_s": 2, "start": 1700000000.0, "for_s": 10,
   "options": {"gold_ratio": 1.0}}]}"""


def test_a_plan_is_read_as_written() -> None:
    """Rate, options and bursts come through."""
    burst = Burst(
        id="replay", route="login", rate_per_s=2, start=1.7e9, for_s=10, options={"gold_ratio": 1.0}
    )
    plan = parse(FULL)
    assert plan == Plan(rate_per_s=60, options={"gold_ratio": 0.3}, bursts=(burst,))
    assert (plan.rate_at(1.7e9 - 1), plan.rate_at(1.7e9), plan.rate_at(1.7e9 + 10)) == (60, 62, 60)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"rate_per_s": "many"}',
        '{"rate_per_s": -1}',
        '{"rate_per_s": NaN}',
        '{"rate_per_s": 1e9}',
        '{"rate_per_s": 1, "options": [1]}',
        '{"rate_per_s": 1, "bursts": [{"id": "b"}]}',
        '{"rate_per_s": 1, "bursts": [{"id":"b","route":"admin","rate_per_s":1,"start":0,"for_s":1}]}',
    ],
)
def test_what_is_no_plan_is_refused(text: str) -> None:
    """A typo must not become a load of nothing."""
    with pytest.raises(BadPlan):
        parse(text)


def test_the_file_is_followed_and_survives_mishandling(tmp_path: Path) -> None:
    """Idle before there is a plan; a broken or vanished file changes nothing; a good one does."""
    path = tmp_path / "plan.json"
    file = PlanFile(path)
    assert file.read() == IDLE
    path.write_text('{"rate_per_s": 60}', encoding="utf-8")
    assert file.read() == Plan(rate_per_s=60)
    path.write_text('{"rate_per_s": ', encoding="utf-8")
    assert file.read() == Plan(rate_per_s=60)
    path.unlink()
    assert file.read() == Plan(rate_per_s=60)
    replacement = tmp_path / "new"
    replacement.write_text('{"rate_per_s": 7}', encoding="utf-8")
    replacement.replace(path)
    assert file.read() == Plan(rate_per_s=7)
