"""Install an engine, Compose and buildx from the distribution's own packages."""

from collections.abc import Callable

from lab.engine.machine import Machine, apt_sources, mirror_of
from lab.engine.runner import Output, Runner
from lab.errors import NoEngine

BORROWED = "trixie"
"""Debian's release whose Compose v2 and buildx also run on older ones: they need only libc 2.34."""

SOURCE_FILE = f"/etc/apt/sources.list.d/sev0-{BORROWED}.sources"
PIN_FILE = "/etc/apt/preferences.d/sev0"
PIN = f"Package: *\nPin: release n={BORROWED}\nPin-Priority: 100\n"

APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120")


def engine_packages(machine: Machine) -> tuple[str, ...]:
    """The packages of the engine itself; from Debian 13 on, its client is a package of its own."""
    split = machine.distro == "debian" and machine.codename not in ("bookworm", "bullseye")
    return ("docker.io", "docker-cli", "iptables") if split else ("docker.io", "iptables")


def plugin_packages(machine: Machine, *, compose: bool, buildx: bool) -> tuple[str, ...]:
    """The packages of the plugins asked for, marked with the release they are borrowed from."""
    suffix = f"/{BORROWED}" if borrows(machine) else ""
    name = "docker-compose-v2" if machine.distro == "ubuntu" else "docker-compose"
    return ((name + suffix,) if compose else ()) + (("docker-buildx" + suffix,) if buildx else ())


def borrows(machine: Machine) -> bool:
    """Whether the plugins must come from another release than the machine's own."""
    return machine.distro == "debian" and machine.codename == "bookworm"


def install_engine(runner: Runner, machine: Machine) -> None:
    """Install the engine; does not start it, though the package may."""
    _apt(runner, machine, "update")
    _apt(runner, machine, "install", "-y", "--no-install-recommends", *engine_packages(machine))


def install_plugins(
    runner: Runner, machine: Machine, *, compose: bool, buildx: bool, say: Callable[[str], None]
) -> None:
    """Install what is missing of Compose v2 and buildx; what else is written to the machine is said."""
    if borrows(machine):
        _borrow(runner, machine, say)
    _apt(runner, machine, "update")
    packages = plugin_packages(machine, compose=compose, buildx=buildx)
    _apt(runner, machine, "install", "-y", "--no-install-recommends", *packages)


def install_package(runner: Runner, machine: Machine, package: str) -> None:
    """Install one more package."""
    _apt(runner, machine, "update")
    _apt(runner, machine, "install", "-y", "--no-install-recommends", package)


def _borrow(runner: Runner, machine: Machine, say: Callable[[str], None]) -> None:
    """Let apt see the other release, pinned so low that nothing else ever comes from it."""
    sources = apt_sources()
    if mirror_of(sources, BORROWED) is None:
        mirror = mirror_of(sources, machine.codename)
        if mirror is None:
            raise NoEngine(
                f"apt has no source for {machine.codename} to take Compose from",
                hint="install Docker Compose v2 and buildx by hand, then try again",
            )
        say(f"adding Debian {BORROWED} to apt's sources, for these plugins alone: {SOURCE_FILE}, {PIN_FILE}")
        _write(runner, machine, SOURCE_FILE, _source(mirror))
    _write(runner, machine, PIN_FILE, PIN)


def _source(mirror: str) -> str:
    return (
        f"Types: deb\nURIs: {mirror}\nSuites: {BORROWED}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )


def _write(runner: Runner, machine: Machine, path: str, text: str) -> None:
    _checked(runner.run([*(machine.as_root or ()), "tee", path], stdin=text), f"write {path}")


def _apt(runner: Runner, machine: Machine, *words: str) -> None:
    output = runner.run([*(machine.as_root or ()), *APT, *words], timeout_s=900)
    _checked(output, "apt-get " + " ".join(word for word in words if not word.startswith("-")))


def _checked(output: Output, what: str) -> None:
    if not output.ok:
        raise NoEngine(f"{what} failed: {output.last_line()}", hint="install Docker by hand, then try again")
