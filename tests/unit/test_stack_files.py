"""What the host writes down: whole or not at all, readable by its owner alone."""

import os
import ssl
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from lab.errors import NoRun, RunActive, UsageError
from lab.stack import atomic, lock, runs, secrets, state, tls
from lab.stack.places import checked_name, checkout, home, project
from tests.states import a_state


@pytest.fixture(autouse=True)
def lab_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of this test's own."""
    monkeypatch.setenv("LAB_HOME", str(tmp_path))
    return tmp_path


def test_a_state_comes_back_as_it_was(lab_home: Path) -> None:
    images = {"postgres": "sev0/postgres:x"}
    saved = replace(a_state(), images=images, api_images={"2.3.1": "sev0/api:2.3.1-x"})
    state.save(saved)
    loaded = state.load("main")
    assert loaded == saved
    assert loaded.url == "https://127.0.0.1:40001"
    assert loaded.run_dir == lab_home / "runs" / loaded.run_id


def test_its_file_is_for_its_owner_and_its_repr_keeps_the_secrets() -> None:
    kept = a_state()
    state.save(kept)
    mode = stat.S_IMODE((kept.folder / "lab.json").stat().st_mode)
    assert mode == 0o600
    assert kept.secrets["DBA_PASSWORD"] not in repr(kept)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"name": "main"}'])
def test_a_file_that_cannot_be_read_is_no_state(content: str) -> None:
    state.save(a_state())
    (home() / "labs/main/lab.json").write_text(content)
    assert state.load("main") is None
    assert list(state.all_states()) == []


def test_forgetting_removes_secrets_and_leaves_the_run(lab_home: Path) -> None:
    kept = a_state()
    state.save(kept)
    tls.make(kept.tls_dir)
    kept.run_dir.mkdir(parents=True)
    state.forget("main")
    state.forget("main")
    assert not (lab_home / "labs/main").exists()
    assert kept.run_dir.is_dir()


def test_secrets_differ_each_time_and_need_no_quoting() -> None:
    first, second = secrets.fresh(), secrets.fresh()
    assert set(first) == set(secrets.NAMES)
    assert not set(first.values()) & set(second.values())
    assert all(value.isalnum() and len(value) >= 32 for value in first.values())


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "f"
    atomic.write(file, b"old", mode=0o600)

    def full(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        atomic.write(file, b"new", mode=0o600)
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_the_certificate_is_trusted_for_the_names_that_are_used(tmp_path: Path) -> None:
    tls.make(tmp_path)
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "cert.pem").stat().st_mode) == 0o644
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    for name in ("referee", "localhost", "127.0.0.1"):
        assert handshake(server, ssl.create_default_context(cafile=tmp_path / "cert.pem"), name)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server, ssl.create_default_context(cafile=tmp_path / "cert.pem"), "elsewhere")
    certificate = x509.load_pem_x509_certificate((tmp_path / "cert.pem").read_bytes())
    assert certificate.extensions.get_extension_for_class(x509.KeyUsage).critical


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bool:
    """Shake hands in memory; raises as a client would."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    server_side = server.wrap_bio(to_server, to_client, server_side=True)
    client_side = client.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(10):
        done = 0
        for side in (client_side, server_side):
            try:
                side.do_handshake()
                done += 1
            except ssl.SSLWantReadError:
                continue
        if done == 2:
            return True
    return False


def test_a_lock_is_held_by_one_process_and_dies_with_it() -> None:
    code = "import time, lab.stack.lock as l\nwith l.held('main'): print('held', flush=1); time.sleep(9)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=checkout()) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert lock.holder("main") == str(other.pid)
        with pytest.raises(RunActive, match=f"process {other.pid} is at work"), lock.held("main"):
            pytest.fail("both hold it")
        with lock.held("another"):
            pass
        other.kill()
    with lock.held("main"):
        assert lock.holder("main") == str(os.getpid())
    assert lock.holder("main") is None


@pytest.mark.parametrize("name", ["", "-x", "Main", "a b", "a/b", "x" * 32, "a.b"])
def test_a_name_that_compose_could_not_carry_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a lab's name"):
        checked_name(name)


def test_a_good_name_names_the_project() -> None:
    assert project(checked_name("team-1")) == "sev0-team-1"


def test_runs_are_listed_newest_first_with_their_verdicts(lab_home: Path) -> None:
    for day, report in ((1, '{"verdict": "pass", "score": 91}'), (3, ""), (2, "{")):
        folder = lab_home / f"runs/2026010{day}-000000-max-connections-0000"
        folder.mkdir(parents=True)
        (folder / "journal.jsonl").touch()
        if report:
            (folder / "report.json").write_text(report)
    assert [(run.id[:8], run.verdict, run.score) for run in runs.kept()] == [
        ("20260103", None, None),
        ("20260102", None, None),
        ("20260101", "pass", 91),
    ]


def test_a_run_is_found_by_id_folder_or_journal(lab_home: Path) -> None:
    folder = lab_home / "runs/one"
    folder.mkdir(parents=True)
    (folder / "journal.jsonl").touch()
    for said in ("one", str(folder), str(folder / "journal.jsonl")):
        assert runs.find(said).folder == folder
    with pytest.raises(NoRun, match="no run 'two'") as caught:
        runs.find("two")
    assert "one" in caught.value.hint
