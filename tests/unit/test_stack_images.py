"""Images: what they are made of decides their tag, and what is copied into one is in it."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import catalog
from lab.engine.runner import Output
from lab.stack.build import Builder
from lab.stack.extras import CHOICES
from lab.stack.images import ACTOR, Image, image_set
from lab.stack.places import checkout
from tests.unit.recording import RecordingRunner

RELEASES = {release for scenario in catalog.everything() for release in catalog.releases_of(scenario)}
EVERY = image_set(RELEASES, CHOICES).all()
IMAGE = Image(name="x", dockerfile="Dockerfile", sources=("src/**/*",))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src/deep").mkdir(parents=True)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "src/deep/a").write_text("a")
    return tmp_path


def test_the_same_files_give_the_same_tag(root: Path) -> None:
    assert IMAGE.tag(root) == IMAGE.tag(root)
    assert re.fullmatch(r"sev0/x:[0-9a-f]{12}", IMAGE.tag(root))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "src/deep/a").write_text("b"),
        lambda root: (root / "src/new").write_text(""),
        lambda root: (root / "src/deep/a").rename(root / "src/deep/c"),
        lambda root: (root / "src/deep/a").chmod(0o755),
        lambda root: (root / "Dockerfile").write_text("FROM other\n"),
    ],
    ids=["content", "new file", "name", "execute bit", "Dockerfile"],
)
def test_any_change_gives_another(root: Path, change: object) -> None:
    before = IMAGE.tag(root)
    assert callable(change)
    change(root)
    assert IMAGE.tag(root) != before


def test_the_way_it_is_built_counts_too(root: Path) -> None:
    tags = {
        image.digest(root)
        for image in (
            IMAGE,
            Image(name="x", dockerfile="Dockerfile", sources=("src/**/*",), target="t"),
            Image(name="x", dockerfile="Dockerfile", sources=("src/**/*",), build_args={"A": "1"}),
        )
    }
    assert len(tags) == 3


def test_what_python_leaves_behind_does_not_count(root: Path) -> None:
    before = IMAGE.tag(root)
    (root / "src/__pycache__").mkdir()
    (root / "src/__pycache__/a.cpython-311.pyc").touch()
    assert IMAGE.tag(root) == before


def test_a_settled_tag_stays(root: Path) -> None:
    settled = IMAGE.as_of_now(root)
    (root / "src/deep/a").write_text("b")
    assert settled.tag(root) != IMAGE.tag(root)


def copied(dockerfile: Path) -> Iterator[str]:
    """What a Dockerfile copies from its context."""
    text = dockerfile.read_text().replace("\\\n", " ")
    for line in text.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] in (["COPY"], ["ADD"]) and not any(word.startswith("--from=") for word in words):
            yield from (word for word in words[1:-1] if not word.startswith("--"))


@pytest.mark.parametrize("image", EVERY, ids=lambda image: image.title)
def test_all_that_is_copied_into_an_image_enters_its_tag(image: Image) -> None:
    root = checkout()
    files = set(image.files(root))
    for source in copied(root / image.dockerfile):
        path = root / source
        if image.title.startswith(("api", "pay", "worker")) and not any(
            path in (f, *f.parents) for f in files
        ):
            assert source.startswith("compose/shop/"), source  # of the other target, or of other releases
            continue
        inside = {
            f for f in ([path] if path.is_file() else path.rglob("*")) if f.is_file() and f.suffix != ".pyc"
        }
        missing = inside - files - {f for f in inside if f.parent.name == "releases"}
        assert not missing, f"{image.title} copies what its tag does not know: {missing}"


@pytest.mark.parametrize("image", EVERY, ids=lambda image: image.title)
def test_every_source_of_an_image_exists(image: Image) -> None:
    root = checkout()
    assert (root / image.dockerfile).is_file()
    empty = [pattern for pattern in image.sources if not any(root.glob(pattern)) and ".patch" not in pattern]
    assert not empty


@pytest.mark.parametrize("release", sorted(RELEASES))
def test_a_release_is_the_sound_one_or_has_its_patch(release: str) -> None:
    sound = {scenario.release for scenario in catalog.everything()}
    assert release in sound or (checkout() / f"compose/shop/releases/{release}.patch").is_file()


def test_the_command_line_of_a_build_is_exact(root: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.crt"
    runner = RecordingRunner()
    builder = Builder(runner=runner, root=root, logs=tmp_path / "logs", certificates=bundle)
    image = Image(
        name="api", dockerfile="Dockerfile", sources=(), target="api", build_args={"RELEASE": "2.4.0"}
    )
    plain = [
        "docker", "buildx", "build", "--load", "--progress=plain", "--tag", "sev0/api:t",
        "--file", f"{root}/Dockerfile",
        "--target", "api", "--build-arg", "RELEASE=2.4.0",
    ]  # fmt: skip
    assert builder.command(image, "sev0/api:t") == [*plain, str(root)]
    bundle.touch()
    assert builder.command(image, "sev0/api:t") == [*plain, "--secret", f"id=ca,src={bundle}", str(root)]


def test_only_what_is_not_there_is_missing(root: Path, tmp_path: Path) -> None:
    other = Image(name="y", dockerfile="Dockerfile", sources=())
    runner = RecordingRunner({"docker images": Output(exit_code=0, text=f"{IMAGE.tag(root)}\nsev0/y:old\n")})
    assert Builder(runner=runner, root=root, logs=tmp_path).missing((IMAGE, other)) == (other,)


def test_an_optional_image_is_made_only_where_a_service_asks_for_it() -> None:
    assert "mysql" not in image_set((), ("postgres", "redis")).services
    assert "mysql" in image_set((), ("postgres", "mysql-replica")).services


def test_every_image_that_compose_names_is_made() -> None:
    compose = (checkout() / "compose/lab.yml").read_text()
    names = set(re.findall(r"\$\{IMAGE_([A-Z]+)\}", compose))
    assert names == {name.upper() for name in image_set((), (*CHOICES, ACTOR.name)).services}
