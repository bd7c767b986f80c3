"""`lab verify` tells a journal as it was written from one changed, cut, or written by somebody else."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from lab.cli import run
from lab.history.chain import key_of
from lab.history.journal import Journal
from lab.history.records import Event, Record
from lab.history.verify import Signed, State, verify
from lab.referee.config import read_config
from lab.referee.errors import BadConfig
from lab.stack import secrets
from lab.stack.compose import environment
from tests.unit.histories import solved
from tests.unit.test_stack_compose import STATE

TEXT = 'a grader\'s secret: $HOME "quoted"'
KEY = key_of(TEXT)
RUN_ID = "20260102-143000-max-connections-1f2e"


def history(run_id: str = RUN_ID) -> tuple[Record, ...]:
    """A whole run, from `run_started` to `ended`."""
    records = solved().history()
    begun = {"run_id": run_id, "scenario": "max-connections", "lab": "main"}
    first = Event(t=records[0].t - 1, kind="run_started", detail=begun)
    rest = [r for r in records if not (isinstance(r, Event) and r.kind in ("run_started", "ended"))]
    return (first, *rest[:40], Event(t=rest[-1].t + 1, kind="ended", detail={"why": "graded"}))


def written(path: Path, records: Sequence[Record], key: bytes | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with Journal.open(path, key) as journal:
        for record in records:
            journal.append(record, durable=False)
    return path


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the journal of `RUN_ID` is kept; nobody has a key."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    monkeypatch.delenv(secrets.SIGNING, raising=False)
    return tmp_path / "runs" / RUN_ID / "journal.jsonl"


def edit(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))


def test_a_whole_journal_is_intact_signed_or_not(tmp_path: Path) -> None:
    plain, signed = written(tmp_path / "a", history()), written(tmp_path / "b", history(), KEY)
    seen = {(v.state, v.signed, v.exit_code) for v in (verify(plain), verify(signed), verify(signed, KEY))}
    assert seen == {(State.INTACT, s, 0) for s in (Signed.NO, Signed.UNCHECKED, Signed.BY_THIS_KEY)}


@pytest.mark.parametrize(
    ("change", "record", "found"),
    [
        (
            lambda lines: [lines[0].replace('"lab":"main"', '"lab":"mine"'), *lines[1:]],
            1,
            "was changed after",
        ),
        (lambda lines: [*lines[:5], *lines[6:]], 6, "number 6: a line is missing"),
        (lambda lines: [*lines[:5], *lines[4:]], 6, "number 4: a line is missing or was put in"),
        (lambda lines: [*lines[:5], "what is this\n", *lines[6:]], 6, "what is this"),
        (lambda lines: [*lines[:5], "[" * 100_000 + "\n", *lines[6:]], 6, "[[["),
        (lambda lines: [*lines[:5], lines[5].replace(":", ": ", 1), *lines[6:]], 6, "spelled otherwise"),
        (lambda lines: [*lines, '{"n":'], 43, "5 bytes"),
    ],
    ids=["changed", "removed", "doubled", "garbled", "too deep", "spelled otherwise", "after the end"],
)
@pytest.mark.parametrize("key", [KEY, None], ids=["signed", "not signed"])
def test_an_edit_is_named_with_its_record(
    tmp_path: Path,
    change: Callable[[list[str]], list[str]],
    record: int,
    found: str,
    key: bytes | None,
) -> None:
    path = written(tmp_path / "journal.jsonl", history(), key)
    edit(path, change)
    verdict = verify(path, key)
    assert (verdict.state, verdict.exit_code) == (State.EDITED, 1)
    assert verdict.flaw is not None
    assert verdict.flaw.line == record
    assert found in verdict.flaw.found
    assert verdict.said() == f"edited at record {record}"


def test_a_record_chained_on_behind_the_end_is_an_edit(tmp_path: Path) -> None:
    path = written(tmp_path / "journal.jsonl", (*history(), Event(t=9e9, kind="diagnosed")))
    verdict = verify(path)
    assert verdict.state is State.EDITED
    assert str(verdict.flaw) == "line 43: expected nothing behind the run's end, found 1 more records"


def test_who_chains_anew_what_they_changed_has_not_the_key(tmp_path: Path) -> None:
    forged = written(tmp_path / "a", history(), key_of("a guess"))
    assert (verify(forged, KEY).state, verify(forged, KEY).exit_code) == (State.OTHER_KEY, 1)
    plain = written(tmp_path / "b", history())
    assert (verify(plain, KEY).state, verify(plain, KEY).exit_code) == (State.UNSIGNED, 1)


@pytest.mark.parametrize("key", [KEY, None], ids=["with the key", "without"])
def test_a_forged_tail_behind_signed_records_is_an_edit(tmp_path: Path, key: bytes | None) -> None:
    path = written(tmp_path / "journal.jsonl", history()[:9], KEY)
    whole = path.read_text()
    path.unlink()
    written(path, history())
    edit(path, lambda lines: [*whole.splitlines(keepends=True), *lines[9:]])
    verdict = verify(path, key)
    assert verdict.state is State.EDITED
    assert verdict.flaw is not None
    assert (verdict.flaw.line, verdict.flaw.found) == (10, "no signature")


@pytest.mark.parametrize("key", [KEY, None], ids=["signed", "not signed"])
def test_what_is_cut_off_is_not_known(tmp_path: Path, key: bytes | None) -> None:
    path = written(tmp_path / "journal.jsonl", history(), key)
    whole = path.read_bytes()
    path.write_bytes(whole[:-17])
    cut = verify(path, key)
    assert (cut.state, cut.records, cut.exit_code) == (State.CUT, 41, 3)
    assert cut.said() == "cut in the middle of a line after record 41"
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    ends = verify(path, key)
    assert (ends.state, ends.records, ends.exit_code) == (State.NO_END, 41, 3)


def test_nothing_to_read_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for path in (tmp_path / "empty", tmp_path / "none", tmp_path):
        assert (verify(path, KEY).state, verify(path, KEY).exit_code) == (State.UNREADABLE, 3)


def test_the_journal_of_another_run_is_an_edit(
    kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(secrets.SIGNING, TEXT)
    written(kept, history("20260101-000000-max-connections-0000"), KEY)
    assert run(["verify", RUN_ID]) == 1
    said = capsys.readouterr().out
    assert f"the journal of run {RUN_ID}" in said
    assert "that of run 20260101-000000-max-connections-0000" in said


def test_the_command_line_says_it_to_people_and_machines(
    kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written(kept, history(), KEY)
    assert run(["verify", RUN_ID]) == 0
    assert "intact, signed; no key was given" in capsys.readouterr().out
    monkeypatch.setenv(secrets.SIGNING, TEXT)
    assert run(["verify", str(kept)]) == 0
    assert "intact, signed by this key (42 records)" in capsys.readouterr().out
    monkeypatch.setenv(secrets.SIGNING, "another")
    assert run(["verify", RUN_ID, "--json"]) == 1
    facts = json.loads(capsys.readouterr().out)
    assert (facts["state"], facts["run"], facts["records"]) == ("signed with another key", RUN_ID, 42)
    edit(kept, lambda lines: [*lines[:5], *lines[6:]])
    assert run(["verify", RUN_ID, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["edited"]["record"] == 6


def test_an_unknown_run_is_answered_with_the_nearest(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(kept, history())
    for typed in ("20260102-143000-max-conections-1f2e", "1f2e"):
        assert run(["verify", typed]) == 2
        assert f"did you mean {RUN_ID}?" in capsys.readouterr().err


def test_a_cut_journal_is_judged_by_its_whole_records_and_that_is_said(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(kept, history())
    kept.write_bytes(kept.read_bytes()[:-17])
    assert run(["regrade", RUN_ID]) in (1, 3)
    assert "cut in the middle of a line: judged by its 41 whole records" in capsys.readouterr().err


def test_what_the_lab_keeps_is_not_what_was_typed(kept: Path) -> None:
    assert secrets.signing({}) == secrets.signing({secrets.SIGNING: ""}) == {}
    assert secrets.signing({secrets.SIGNING: TEXT}) == {"SIGNING_KEY": KEY.hex()}
    written(kept, history(), KEY)
    content = b"".join(path.read_bytes() for path in kept.parent.rglob("*") if path.is_file())
    assert KEY.hex().encode() not in content
    assert KEY not in content
    assert TEXT.encode() not in content


def test_the_key_reaches_the_referee_and_no_repr() -> None:
    given = replace(STATE, secrets={**STATE.secrets, **secrets.signing({secrets.SIGNING: TEXT})})
    told = {**environment(given), "PROJECT": "sev0-team-1", "SHOP_NETWORK": "sev0-team-1_shop"}
    config = read_config(told)
    assert config.signing_key == KEY
    for text in (repr(given), repr(config)):
        assert KEY.hex() not in text
        assert repr(KEY) not in text
    assert read_config({**told, **environment(STATE)}).signing_key is None
    with pytest.raises(BadConfig) as caught:
        read_config({**told, "SIGNING_KEY": "hush!"})
    assert "SIGNING_KEY is not hexadecimal" in str(caught.value)
    assert "hush" not in str(caught.value)
