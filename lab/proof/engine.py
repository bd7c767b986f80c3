"""The engine, by the Docker client that everybody has."""

import subprocess

from lab.errors import EnvironmentTrouble
from lab.stack.places import LABEL


def docker(*argv: str) -> str:
    """Run the Docker client; EnvironmentTrouble with its words where it fails."""
    done = subprocess.run(["docker", *argv], capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise EnvironmentTrouble(f"docker {' '.join(argv[:3])} …: {done.stderr.strip()}")
    return done.stdout.strip()


def container_of(lab: str, service: str) -> str:
    """The id of the container that Compose made for *service* in *lab*."""
    ids = docker(
        "ps", "-q",
        "--filter", f"label={LABEL}={lab}",
        "--filter", f"label=com.docker.compose.service={service}",
    ).split()  # fmt: skip
    if len(ids) != 1:
        raise EnvironmentTrouble(f"lab {lab}: expected one container of {service}, found {len(ids)}")
    return ids[0]
