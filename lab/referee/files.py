"""Files that are replaced at once or not at all, and given to the person who started the lab."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose the files of a run are, on the host."""

    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Make *path* theirs."""
        os.chown(path, self.uid, self.gid)


def replace_text(path: Path, text: str, *, owner: Owner | None = None) -> None:
    """Write *text* beside *path*, sync it, and put it in place."""
    scratch = path.with_name(f".{path.name}.new")
    with scratch.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    scratch.chmod(0o644)
    if owner is not None:
        owner.give(scratch)
    scratch.replace(path)
