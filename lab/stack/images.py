"""What each image is made of; its tag is a hash of that, so an image that is there is never built again."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from lab.engine.base import BASE, UNSTABLE
from lab.stack import extras

RELEASES_DIR = "compose/shop/releases"
HASH_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image: how it is built, and the files (globs from the checkout) that enter its hash."""

    name: str
    dockerfile: str
    sources: tuple[str, ...]
    target: str = ""
    build_args: Mapping[str, str] = field(default_factory=dict)
    tag_prefix: str = ""
    known_tag: str = ""
    base: str = BASE

    @property
    def title(self) -> str:
        """Its name, and its release where it has several."""
        return f"{self.name} {self.tag_prefix.rstrip('-')}".strip()

    def files(self, root: Path) -> tuple[Path, ...]:
        """The files that the image is made of."""
        found = {
            path
            for pattern in (self.dockerfile, *self.sources)
            for path in root.glob(pattern)
            if path.is_file() and path.suffix != ".pyc" and "__pycache__" not in path.parts
        }
        return tuple(sorted(found))

    def digest(self, root: Path) -> str:
        """A hash of the files, their execute bits and the way they are built."""
        total = hashlib.sha256(repr((self.target, sorted(self.build_args.items()))).encode())
        for path in self.files(root):
            executable = bool(path.stat().st_mode & 0o111)
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(root)} {executable:d} {content}\n".encode())
        return total.hexdigest()[:HASH_LENGTH]

    def tag(self, root: Path) -> str:
        """The full name of the image as it must be now."""
        return self.known_tag or f"sev0/{self.name}:{self.tag_prefix}{self.digest(root)}"

    def as_of_now(self, root: Path) -> Self:
        """The same image with its tag settled, whatever happens to its files from here on."""
        return replace(self, known_tag=self.tag(root))


def _image(name: str, *sources: str, base: str = BASE) -> Image:
    folder = f"compose/images/{name}"
    return Image(
        name=name, dockerfile=f"{folder}/Dockerfile", sources=(f"{folder}/**/*", *sources), base=base
    )


SHOP_DOCKERFILE = "compose/images/shop/Dockerfile"

REFEREE_PARTS = tuple(
    f"lab/{part}/**/*" for part in ("scenarios", "history", "grade", "kube", "report", "referee")
)

SERVICES: tuple[Image, ...] = (
    _image(
        "postgres",
        "compose/shop/db/**/*",
        "compose/shop/api/shopapi/__init__.py",
        "compose/shop/api/shopapi/passwords.py",
    ),
    _image("redis"),
    _image("haproxy"),
    _image("monitoring", "compose/prometheus/*.yml"),
    _image("load", "loadgen/**/*"),
    _image("referee", "lab/*.py", *REFEREE_PARTS, "faults/**/*", "runbooks/*.md"),
    _image("toolbox", "lab/__init__.py", "lab/trainee/**/*"),
    Image(
        name="pay",
        dockerfile=SHOP_DOCKERFILE,
        target="pay",
        sources=("compose/images/shop/**/*", "compose/shop/pay/**/*"),
    ),
)

ACTOR = Image(name="actor", dockerfile="faults/actor/Dockerfile", sources=("faults/actor/*.py",))
"""The misbehaving clients of faults; a lab needs it only where its scenario has one."""

OPTIONAL: tuple[Image, ...] = (
    ACTOR,
    _image("mysql", "compose/shop/mysql/*.sql", base=UNSTABLE),
    _image("pgbouncer"),
    _image("heartbeat"),
    Image(
        name="worker",
        dockerfile=SHOP_DOCKERFILE,
        target="worker",
        sources=("compose/images/shop/**/*", "compose/shop/worker/**/*"),
    ),
)
"""Made only where a lab has a service that runs one."""


def api(release: str) -> Image:
    """The shop's API in one release: the common source tree, and that release's patch where it has one."""
    return Image(
        name="api",
        dockerfile=SHOP_DOCKERFILE,
        target="api",
        build_args={"RELEASE": release},
        sources=("compose/images/shop/**/*", "compose/shop/api/**/*", f"{RELEASES_DIR}/{release}.patch"),
        tag_prefix=f"{release}-",
    )


@dataclass(frozen=True, kw_only=True)
class ImageSet:
    """The images of one lab: by service, and the API's by release."""

    services: Mapping[str, Image]
    releases: Mapping[str, Image]

    def all(self) -> tuple[Image, ...]:
        """Every image of the set."""
        return (*self.services.values(), *self.releases.values())

    def as_of_now(self, root: Path) -> Self:
        """The same images with their tags settled: a file saved during a start must not change them."""
        return replace(
            self,
            services={name: image.as_of_now(root) for name, image in self.services.items()},
            releases={release: image.as_of_now(root) for release, image in self.releases.items()},
        )


def image_set(releases: Iterable[str], services: Iterable[str] = ()) -> ImageSet:
    """The images that a lab with these releases of the API and these services needs."""
    services = tuple(services)
    asked = extras.images(extras.chosen(services)) | {ACTOR.name} & set(services)
    wanted = (*SERVICES, *(image for image in OPTIONAL if image.name in asked))
    return ImageSet(
        services={image.name: image for image in wanted},
        releases={release: api(release) for release in sorted(set(releases))},
    )
