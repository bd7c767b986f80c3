"""The lab's images for tests that need some of them, built as `lab start` builds them."""

from pathlib import Path

from lab.engine.base import ensure_base
from lab.engine.runner import SystemRunner
from lab.stack.build import Builder
from lab.stack.extras import CHOICES
from lab.stack.images import ACTOR, Image, api, image_set
from lab.stack.places import checkout


def titled(title: str) -> Image:
    """The image of a service ("postgres") or of a release of the API ("api 2.3.1")."""
    name, _, release = title.partition(" ")
    return api(release) if release else image_set((), (*CHOICES, ACTOR.name)).services[name]


def built(image: Image, *, logs: Path) -> str:
    """Its tag; it is built where it is missing, and the base under it made."""
    runner = SystemRunner()
    builder = Builder(runner=runner, root=checkout(), logs=logs)
    if builder.missing([image]):
        ensure_base(runner, log=logs / "base.log", say=lambda _: None, tag=image.base)
        builder.build(image, lambda _: None)
    return image.tag(checkout())
