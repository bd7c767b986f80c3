"""What to say and what to type where an engine or its plugins are missing. Pure: a message for each state."""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.engine.find import DEFAULT_SOCKET, Engine, State, is_default_endpoint
from lab.engine.machine import Machine

FORBIDDEN = "LAB_INSTALL_ENGINE"

BY_HAND = {
    "debian": "apt-get install -y docker.io docker-compose docker-buildx && systemctl start docker\n"
    "see https://docs.docker.com/engine/install/debian/ where Compose v2 is not in your release",
    "ubuntu": "sudo apt-get install -y docker.io docker-compose-v2 docker-buildx\n"
    "sudo systemctl start docker",
}
PLUGINS_BY_HAND = {
    "debian": "apt-get install -y docker-compose docker-buildx\n"
    "see https://docs.docker.com/engine/install/debian/ where Compose v2 is not in your release",
    "ubuntu": "sudo apt-get install -y docker-compose-v2 docker-buildx",
}
ELSEWHERE = (
    "install Docker Desktop or Docker Engine: https://docs.docker.com/get-docker/\nstart it, then try again"
)
PLUGINS_ELSEWHERE = "https://docs.docker.com/compose/install/\nhttps://docs.docker.com/build/buildx/install/"
ASK_AGAIN = "docker context ls\ndocker info"
SOCKET = "unix://"


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an engine is wanted: its address, the machine, and whether an engine is installed there."""

    address: str
    machine: Machine
    environment: Mapping[str, str]
    installed: bool = False


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What was seen and what to type; *lab_can*: nothing, for lab itself may mend it."""

    said: str
    hint: str
    lab_can: bool = False


def advise(engine: Engine, place: Place) -> Advice:
    """What to do about an engine that does not answer."""
    if engine.state is State.REFUSED:
        return _refused(engine, place)
    if engine.state is State.SILENT:
        return _silent(engine, place)
    if not is_default_endpoint(place.address):
        return _elsewhere(engine, place)
    if engine.state is State.NOT_RUNNING and place.installed:
        return _stopped(place)
    return _absent(engine, place)


def about_plugins(missing: str, place: Place) -> Advice:
    """What to do about an engine that answers and lacks plugins."""
    why_not, seen = _why_not(place, "install"), f"docker lacks its plugin {missing}"
    if not why_not:
        return Advice(said=seen, hint=f"lab start installs {missing} with apt-get", lab_can=True)
    return Advice(
        said=f"{seen}, and {why_not}", hint=PLUGINS_BY_HAND.get(place.machine.distro, PLUGINS_ELSEWHERE)
    )


def _refused(engine: Engine, place: Place) -> Advice:
    said = f"{engine.state.value}: {engine.said}"
    if is_default_endpoint(place.address):
        return Advice(said=said, hint="sudo usermod -aG docker $USER\nnewgrp docker")
    if place.address.startswith(SOCKET):
        return Advice(said=said, hint=f"ls -l {place.address.removeprefix(SOCKET)}\ndocker context ls")
    return Advice(said=said, hint=ASK_AGAIN)


def _silent(engine: Engine, place: Place) -> Advice:
    """It hangs: containers of others may be in it, so whether to start it anew is for a person to say."""
    systemd = is_default_endpoint(place.address) and place.machine.systemd
    return Advice(
        said=f"the Docker engine at {place.address} does not answer: {engine.said}",
        hint="sudo journalctl --no-pager -u docker -n 50\nsudo systemctl restart docker"
        if systemd
        else ASK_AGAIN,
    )


def _elsewhere(engine: Engine, place: Place) -> Advice:
    """Somebody chose an engine that is not this machine's own: lab puts no other in its stead."""
    if engine.state is State.NO_CLIENT:
        return Advice(
            said=f"{engine.state.value} to ask the engine at {place.address} with",
            hint="install it: https://docs.docker.com/get-docker/",
        )
    return Advice(
        said=f"the Docker engine at {place.address} does not answer: {engine.said}",
        hint=f"{ASK_AGAIN}\nunset DOCKER_HOST, where it names one that is gone"
        if place.environment.get("DOCKER_HOST")
        else ASK_AGAIN,
    )


def _stopped(place: Place) -> Advice:
    seen, why_not = "a Docker engine is installed and does not run", _why_not(place, "start")
    if not why_not:
        return Advice(said=seen, hint="lab start starts it", lab_can=True)
    by = "systemctl start docker" if place.machine.systemd else "service docker start"
    return Advice(said=f"{seen}, and {why_not}", hint=f"sudo {by}\ndocker info")


def _absent(engine: Engine, place: Place) -> Advice:
    seen, why_not = engine.state.value, _why_not(place, "install")
    if not why_not:
        return Advice(said=seen, hint="lab start installs one with apt-get, and starts it", lab_can=True)
    said = f"{seen}, and {why_not}"
    if engine.state is State.NOT_RUNNING and not place.machine.has_apt:
        # The command alone: its engine is in a virtual machine, Docker Desktop's as a rule.
        hint = f"start Docker Desktop, or whatever is to answer at {DEFAULT_SOCKET}\ndocker context ls"
        return Advice(said=said, hint=hint)
    return Advice(said=said, hint=BY_HAND.get(place.machine.distro, ELSEWHERE))


def _why_not(place: Place, verb: str) -> str:
    """Why lab may not *verb* one here; empty where it may."""
    if place.environment.get(FORBIDDEN) == "0":
        return f"{FORBIDDEN}=0 forbids {verb}ing one"
    if not place.machine.has_apt:
        return f"one is only {verb}ed on Debian and Ubuntu"
    if place.machine.as_root is None:
        return f"{verb}ing one needs root or sudo without a password"
    return ""
