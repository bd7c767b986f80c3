"""What a run was made of, as its first record says: versions, images, seed, machine."""

from collections.abc import Mapping
from typing import Any

from lab.grade.model import Image, Number


def versions_of(run: Mapping[str, Any]) -> dict[str, str]:
    """Versions by name."""
    return {name: str(value) for name, value in _mapping(run, "versions").items()}


def images_of(run: Mapping[str, Any]) -> dict[str, Image]:
    """Images by name; runs of earlier versions have no digests."""
    digests = _mapping(run, "digests")
    return {
        name: Image(tag=str(tag), digest=str(digests.get(str(tag), "")))
        for name, tag in _mapping(run, "images").items()
    }


def seed_of(run: Mapping[str, Any]) -> int | None:
    """The number that chose among what varies; None where the run does not say."""
    seed = run.get("seed")
    return None if seed is None else int(seed)


def machine_of(run: Mapping[str, Any]) -> dict[str, Number]:
    """System, processors, memory and kernel, as far as they were known."""
    return {
        name: value if isinstance(value, int | float) else str(value)
        for name, value in _mapping(run, "machine").items()
        if value not in (None, "", 0)
    }


def _mapping(run: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = run.get(name)
    return {str(key): one for key, one in value.items()} if isinstance(value, Mapping) else {}
