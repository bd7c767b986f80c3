"""What kind of machine this is, as far as installing an engine depends on it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.engine.runner import Runner


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A distribution, how to become root on it, and whether systemd runs there.

    *as_root* is the prefix that makes a command run as root; None where that would ask for a password.
    """

    distro: str
    codename: str
    as_root: tuple[str, ...] | None
    systemd: bool

    @property
    def has_apt(self) -> bool:
        """Whether this is Debian or Ubuntu, the two that we know how to install an engine on."""
        return self.distro in ("debian", "ubuntu")


def parse_os_release(text: str) -> Mapping[str, str]:
    """The fields of an os-release file."""
    return {m[1]: m[2].strip("\"'") for m in re.finditer(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE)}


def look(runner: Runner, *, root: Path = Path("/")) -> Machine:
    """Look at the machine below *root*; changes nothing."""
    os_release = root / "etc/os-release"
    fields = parse_os_release(os_release.read_text()) if os_release.is_file() else {}
    return Machine(
        distro=fields.get("ID", "unknown"),
        codename=fields.get("VERSION_CODENAME", ""),
        as_root=_as_root(runner),
        systemd=(root / "run/systemd/system").is_dir(),
    )


def _as_root(runner: Runner) -> tuple[str, ...] | None:
    if os.geteuid() == 0:
        return ()
    return ("sudo", "-n") if runner.run(["sudo", "-n", "true"], timeout_s=10).ok else None


def mirror_of(sources: str, codename: str) -> str | None:
    """The archive that *codename* comes from, out of apt's sources in either of their two formats."""
    for stanza in re.split(r"\n\s*\n", sources):
        fields = {m[1]: m[2] for m in re.finditer(r"^(\w[\w-]*):\s*(.+)$", stanza, re.MULTILINE)}
        if codename in fields.get("Suites", "").split() and "deb" in fields.get("Types", "").split():
            return fields["URIs"].split()[0]
    one_line = re.search(rf"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+{re.escape(codename)}\s", sources, re.MULTILINE)
    return one_line[1] if one_line else None


def apt_sources(root: Path = Path("/")) -> str:
    """All of apt's sources as one text."""
    folder = root / "etc/apt/sources.list.d"
    files = [root / "etc/apt/sources.list", *sorted(folder.glob("*.sources")), *sorted(folder.glob("*.list"))]
    return "\n\n".join(file.read_text() for file in files if file.is_file())
