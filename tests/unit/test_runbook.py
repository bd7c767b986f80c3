"""A runbook is found by its headings, and says which one is wrong."""

from pathlib import Path

import pytest

from lab.runbook import BadRunbook, parse, read_runbook

GOOD = """# Title

## Brief

What pages.

## Hint 1

Where.

## Hint 2

What.

## Diagnosis

Look:

```console
## not a heading
```

## Fix: roll back

```sh fix=rollback
lab rollback api
```

## Trap: restart

```sh trap=restart
lab restart api
```

## Why it works

Because.

## Prevention

- a test

## Facilitator

Wait.
"""


def test_all_parts_are_there() -> None:
    runbook = parse(GOOD, name="x.md")
    assert runbook.title == "Title"
    assert runbook.hints == ("Where.", "What.")
    assert runbook.fixes == {"rollback": "lab rollback api\n"}
    assert runbook.traps == {"restart": "lab restart api\n"}
    assert "## not a heading" in runbook.diagnosis
    assert runbook.facilitator == "Wait."


def test_a_fix_or_a_trap_may_say_in_which_causes_it_is_tried() -> None:
    said = GOOD.replace("sh trap=restart", "sh trap=restart in=first,other-cause")
    assert parse(said, name="x.md").tried_in == {("trap", "restart"): ("first", "other-cause")}
    assert parse(said, name="x.md").traps == parse(GOOD, name="x.md").traps


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# Title\n", "", "title is missing"),
        ("## Prevention\n\n- a test\n", "", "'## Prevention': missing"),
        ("Because.\n", "", "'## Why it works': nothing below it"),
        ("## Hint 1\n", "## Hint 3\n", "'## Hint 1': missing"),
        ("## Facilitator\n", "## Facilitators\n", "'## Facilitators': not known"),
        ("## Hint 2\n", "## Hint 1\n", "'## Hint 1': there twice"),
        ("sh fix=rollback", "sh", "'## Fix: roll back': 0 '```sh fix=<name>' blocks, wanted one"),
        ("sh trap=restart", "sh fix=restart", "'## Trap: restart': 0"),
        ("lab rollback api\n```", "lab rollback api\n", "not closed"),
        ("## Fix: roll back", "## Trap: roll back", "'## Fix: …': missing"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_heading(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(BadRunbook) as caught:
        parse(GOOD.replace(old, new, 1), name="x.md")
    assert str(caught.value).startswith("x.md: ")
    assert message in str(caught.value)


RUNBOOKS = sorted((Path(__file__).resolve().parents[2] / "runbooks").glob("*.md"))


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_every_runbook_of_the_lab_is_whole(path: Path) -> None:
    runbook = read_runbook(path)
    assert runbook.fixes
    assert len(runbook.hints) >= 2
