"""An engine that runs as a service of the system: started by us or not, and where to look when it fails."""

from pathlib import Path

import pytest

from lab.engine import daemon, service
from lab.engine.daemon import Ours
from lab.engine.machine import Machine
from lab.engine.runner import TIMED_OUT, Output
from lab.errors import NoEngine
from tests.unit.clocks import Jumping
from tests.unit.recording import RecordingRunner

SYSTEMD = Machine(distro="debian", codename="bookworm", as_root=(), systemd=True)
INFO = Output(exit_code=0, text='{"ServerVersion": "20.10.24"}')
DEAD = Output(exit_code=1, text="{}", error_text="Cannot connect to the Docker daemon. Is it running?")
FAILED = Output(exit_code=1, text="", error_text="Job for docker.service failed.")


def test_a_service_that_does_not_start_points_to_systemds_own_log(tmp_path: Path) -> None:
    runner, ours = RecordingRunner({"docker info": DEAD, "systemctl start": FAILED}), Ours(folder=tmp_path)
    with pytest.raises(
        NoEngine, match=r"systemctl start docker failed: Job for docker\.service failed"
    ) as it:
        daemon.start(runner, SYSTEMD, ours, clock=Jumping())
    assert "journalctl --no-pager -u docker" in it.value.hint
    assert daemon.running(runner, ours) is None


def test_one_that_starts_and_is_silent_points_there_too(tmp_path: Path) -> None:
    runner = RecordingRunner({"docker info": DEAD})
    with pytest.raises(NoEngine, match=r"silent after 60 s$") as caught:
        daemon.start(runner, SYSTEMD, Ours(folder=tmp_path), clock=Jumping())
    assert "journalctl --no-pager -u docker" in caught.value.hint


def test_one_that_takes_long_to_start_is_waited_for(tmp_path: Path) -> None:
    slow = Output(exit_code=TIMED_OUT, text="", error_text="no answer within 60 s")
    runner = RecordingRunner({"docker info": [DEAD, DEAD, INFO], "systemctl start": slow})
    ours = Ours(folder=tmp_path)
    assert "by systemd" in daemon.start(runner, SYSTEMD, ours, clock=Jumping())
    assert daemon.running(runner, ours) == "docker of systemd"


def test_after_a_reboot_it_is_the_machines_own(tmp_path: Path) -> None:
    boot = tmp_path / "boot_id"
    boot.write_text("one\n")
    marker = service.Marker(path=tmp_path / "service.json", boot_id=boot)
    marker.write("systemd")
    assert marker.read() == "systemd"
    boot.write_text("two\n")
    assert marker.read() is None


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"service": "elsewhere", "boot": ""}'])
def test_a_marker_that_says_nothing_names_nobody(content: str, tmp_path: Path) -> None:
    marker = service.Marker(path=tmp_path / "service.json", boot_id=tmp_path / "none")
    marker.path.write_text(content)
    assert service.running(RecordingRunner(), marker) is None
