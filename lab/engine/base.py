"""The base images: pulled where a registry answers, else made here from Debian's packages."""

import shlex
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

from lab.engine.ensure import Say
from lab.engine.install import install_package
from lab.engine.machine import look
from lab.engine.runner import Runner
from lab.errors import BuildFailed


@dataclass(frozen=True, kw_only=True)
class Base:
    """A base image: its name, the suite that it is made of, and how apt is to treat that suite."""

    tag: str
    suite: str
    apt_options: tuple[str, ...] = ()


BASE = "debian:trixie-slim"
UNSTABLE = "debian:sid-slim"
BASES = {
    base.tag: base
    for base in (
        Base(tag=BASE, suite="trixie"),
        # A mirror's copy of the unstable suite may be older than its own date allows.
        Base(tag=UNSTABLE, suite="sid", apt_options=('Acquire::Check-Valid-Until "false"',)),
    )
}
FIRST_WORD_WITHIN_S = 20.0
"""A registry that has the image says so at once; a firewall that swallows packets never does."""

_INSTALLING = threading.Lock()

LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")


def has_image(runner: Runner, tag: str) -> bool:
    """Whether the engine holds an image of that name."""
    return runner.run(["docker", "image", "inspect", "--format", "{{.Id}}", tag]).ok


def ensure_base(
    runner: Runner, *, log: Path, say: Say, tag: str = BASE, remark: Say = lambda _: None
) -> None:
    """See to it that the base image *tag*, one of BASES, is there; a *remark* says what is installed."""
    if has_image(runner, tag):
        return
    say(f"pulling {tag}")
    pulled = runner.watch(
        ["docker", "pull", tag], on_line=say, timeout_s=600, first_line_s=FIRST_WORD_WITHIN_S
    )
    if pulled.ok:
        return
    say(f"no registry can be reached: making {tag} from Debian's packages")
    with _INSTALLING:  # two bases may be made at once
        if shutil.which("mmdebstrap") is None:
            _install_maker(runner, tag, remark, refusal=pulled.last_line())
    _make(runner, BASES[tag], log=log, say=say)


def _install_maker(runner: Runner, tag: str, remark: Say, *, refusal: str) -> None:
    machine = look(runner)
    if not machine.has_apt or machine.as_root is None:
        raise BuildFailed(
            f"{tag} cannot be pulled ({refusal}) and mmdebstrap is not installed to make it here",
            hint=f"docker pull {tag}",
        )
    remark("installing mmdebstrap with apt-get")
    install_package(runner, machine, "mmdebstrap")


def _make(runner: Runner, base: Base, *, log: Path, say: Say) -> None:
    made = runner.watch(
        ["sh", "-c", make_command(base, look(runner).as_root or ())],
        on_line=say,
        timeout_s=600,
        env={"LC_ALL": "C"},
    )
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(made.text)
    if not made.ok or not has_image(runner, base.tag):
        tail = "\n".join(made.text.splitlines()[-15:])
        raise BuildFailed(f"base image {base.tag} was not made:\n{tail}", hint=f"the whole log: {log}")


def make_command(base: Base, as_root: tuple[str, ...]) -> str:
    """The shell line that makes a base; a failure on either side of the pipe fails it.

    A plain sh has no pipefail, so the archive goes through a named file that is removed in any case.
    """
    chosen = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    chosen += [f"--aptopt={option}" for option in base.apt_options]
    options = " ".join(shlex.quote(option) for option in chosen)
    prefix = "".join(f"{word} " for word in as_root)
    return (
        "d=$(mktemp -d) && trap 'rm -rf \"$d\"' EXIT && "
        f'{prefix}mmdebstrap --variant=minbase {options} {base.suite} - >"$d/base.tar" && '
        f'docker import "$d/base.tar" {base.tag}'
    )
