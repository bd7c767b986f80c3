"""What the journal's first line says about the machine and the versions."""

import platform
from collections.abc import Mapping

import lab
from lab.engine.find import Engine


def facts(engine: Engine, images: Mapping[str, str], seed: int) -> Mapping[str, object]:
    """Versions, images, seed and machine of a run, JSON-safe."""
    return {
        "versions": {"lab": lab.__version__, "engine": engine.version, "python": platform.python_version()},
        "images": dict(images),
        "seed": seed,
        "machine": {
            "system": engine.system or platform.system(),
            "cpus": engine.cpus,
            "memory_bytes": engine.memory_bytes,
            "kernel": platform.release(),
        },
    }
