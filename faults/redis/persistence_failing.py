"""Snapshots cannot be written, and the server therefore takes no writes."""

from dataclasses import dataclass
from typing import ClassVar

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ExecFailed, ForeignState
from faults.parameters import text
from faults.redis import _settings
from faults.redis.server import RedisServer
from faults.wait import until

SHUT = "500"


@dataclass(frozen=True, kw_only=True)
class PersistenceFailing(Checked):
    """The data directory lost its write permission: a snapshot fails, and writes are refused with MISCONF.

    An orderly stop is refused as well, for its last snapshot fails: whoever stops the server kills it.
    """

    about: ClassVar[About] = About(
        id="redis.persistence_failing",
        kind=Kind.REDIS,
        undo=Undo.INVERSE,
        touches=("directory", "setting:save", "setting:stop-writes-on-bgsave-error", "writes"),
        lasts="no",
        see="MISCONF; INFO persistence: rdb_last_bgsave_status; in the log: Permission denied",
        fix="give the directory back, then BGSAVE; stop-writes-on-bgsave-error no only buys time",
        settle_s=30.0,
    )

    schedule: str = text(
        "60 1",
        mild="5 1",
        severe="86400 1000000",
        means="`save`: seconds and changes after which a snapshot is due, and so is tried again by itself",
    )

    def prepare(self, target: RedisServer) -> Receipt:
        """Remember mode and settings; ForeignState where the directory is shut already."""
        folder = target.settings("dir")["dir"]
        mode = _mode(target, folder)
        if mode == SHUT:
            raise ForeignState(f"{target.name}: {folder} is not writable already")
        wanted = {"save": self.schedule, "stop-writes-on-bgsave-error": "yes"}
        return {**_settings.remember(target, wanted), "folder": folder, "mode": mode}

    def inject(self, target: RedisServer, receipt: Receipt) -> None:
        """Shut the directory, have snapshots made, and let the first one fail."""
        target.script('chmod "$1" "$2"', SHUT, str(receipt["folder"]))
        _settings.apply(target, receipt)
        _snapshot(target)

    def active(self, target: RedisServer, receipt: Receipt) -> bool:
        """Whether writes are refused because a snapshot failed."""
        now = target.settings("save", "stop-writes-on-bgsave-error")
        failed = target.info("persistence")["rdb_last_bgsave_status"] == "err"
        return failed and now["save"] != "" and now["stop-writes-on-bgsave-error"] == "yes"

    def revert(self, target: RedisServer, receipt: Receipt) -> None:
        """Open the directory if we shut it, write a snapshot that succeeds, and give the settings back."""
        folder = str(receipt["folder"])
        if _mode(target, folder) == SHUT:
            target.script('chmod "$1" "$2"', str(receipt["mode"]), folder)
        until(lambda: _saved(target) or None, what=f"{target.name} writes a snapshot", timeout_s=60)
        _settings.restore(target, receipt)


def _snapshot(target: RedisServer) -> None:
    """Have a snapshot made; the server may have begun one by itself."""
    said = target.answer("BGSAVE", "SCHEDULE")
    if said.exit_code and "in progress" not in said.text:
        raise ExecFailed(f"{target.name}: no snapshot is made: {said.text.strip()}")


def _saved(target: RedisServer) -> bool:
    """Whether the last snapshot succeeded; where it did not, have another one made."""
    now = target.info("persistence")
    if now["rdb_last_bgsave_status"] == "ok":
        return now["rdb_bgsave_in_progress"] == "0"
    _snapshot(target)
    return False


def _mode(target: RedisServer, folder: str) -> str:
    return target.script('stat -c %a "$1"', folder).strip()
