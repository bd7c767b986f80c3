"""The files by which a container turns names into addresses: the engine keeps them for it."""

from faults.container import Container
from faults.net import _inside

HOSTS = "/etc/hosts"
NAMESERVERS = "awk '$1 == \"nameserver\" {print $2}' /etc/resolv.conf"


def hosts(target: Container) -> list[str]:
    """The lines of the container's /etc/hosts."""
    return _inside.run(target, f"cat {HOSTS}").splitlines()


def knows(lines: list[str], host: str) -> bool:
    """Whether a line names *host*."""
    return any(host in line.partition("#")[0].split()[1:] for line in lines)


def write_hosts(target: Container, lines: list[str]) -> None:
    """Write the container's /etc/hosts in place, as it is one mounted file."""
    target.on_act(f"write {HOSTS}")
    text = "".join(f"{line}\n" for line in lines)
    _inside.run(target, f'printf %s "$TEXT" > {HOSTS}', environment={"TEXT": text})


def nameservers(target: Container) -> tuple[str, ...]:
    """Whom the container asks for addresses."""
    return tuple(_inside.run(target, NAMESERVERS).split())
