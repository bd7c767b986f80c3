"""What the journal's first line says about the machine, the versions and the images."""

import json
import platform
from collections.abc import Mapping, Sequence

import lab
from lab.engine.find import Engine
from lab.engine.runner import Runner


def facts(
    engine: Engine, images: Mapping[str, str], seed: int, digests: Mapping[str, str]
) -> Mapping[str, object]:
    """Versions, images with their digests, seed and machine of a run, JSON-safe."""
    return {
        "versions": {"lab": lab.__version__, "engine": engine.version, "python": platform.python_version()},
        **facts_of_images(images, digests),
        "seed": seed,
        "machine": {
            "system": engine.system or platform.system(),
            "cpus": engine.cpus,
            "memory_bytes": engine.memory_bytes,
            "kernel": platform.release(),
        },
    }


def facts_of_images(images: Mapping[str, str], digests: Mapping[str, str]) -> Mapping[str, object]:
    """The part that is about images: their tags by name, and the digests of those that are known."""
    known = {tag: digests[tag] for tag in sorted(set(images.values())) if tag in digests}
    return {"images": dict(images), "digests": known}


def facts_again(
    runner: Runner, known: Mapping[str, object], images: Mapping[str, str]
) -> Mapping[str, object]:
    """What a run that begins anew says; the engine is asked again only where its images are others."""
    if images == known.get("images") and known.get("digests"):
        return known
    return {**known, **facts_of_images(images, digests_of(runner, tuple(images.values())))}


def by_name(images: Mapping[str, str], api_images: Mapping[str, str]) -> dict[str, str]:
    """Every image of a lab, the API's releases among them."""
    return {**images, **{f"api-{release}": tag for release, tag in api_images.items()}}


def digests_of(runner: Runner, tags: Sequence[str]) -> Mapping[str, str]:
    """The engine's own digest of each image that it holds, by tag; all in one question."""
    output = runner.run(["docker", "image", "inspect", "--format", "{{json .RepoTags}} {{.Id}}", *tags])
    found: dict[str, str] = {}
    for line in output.text.splitlines():
        names, _, digest = line.rpartition(" ")
        if digest.startswith("sha256:"):
            found |= dict.fromkeys(json.loads(names) or (), digest)
    return {tag: found[tag] for tag in tags if tag in found}
