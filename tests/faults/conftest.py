"""The yard, and a folder of receipts for each test."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from faults.actors import IMAGE_VARIABLE
from faults.store import Store
from lab.engine.runner import SystemRunner
from lab.stack.build import Builder
from lab.stack.containers import Labelled
from lab.stack.extras import CHOICES
from lab.stack.images import ACTOR, image_set
from lab.stack.places import checkout
from tests.faults.release.rollout import RELEASES
from tests.faults.servers import Yard


@pytest.fixture(scope="session")
def yard(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """The servers of this run; whatever carries its label is removed at the end."""
    builder = Builder(runner=SystemRunner(), root=checkout(), logs=tmp_path_factory.mktemp("logs"))
    wanted = {one.title: one for one in (*image_set(RELEASES, CHOICES).all(), ACTOR)}

    def image(title: str) -> str:
        if builder.missing([wanted[title]]):
            builder.build(wanted[title], lambda _: None)
        return wanted[title].tag(checkout())

    os.environ[IMAGE_VARIABLE] = image("actor")
    yard = Yard(engine=engine, label=f"test-{uuid.uuid4().hex[:8]}", image=image)
    yield yard
    labelled = Labelled(runner=SystemRunner())
    labelled.remove(labelled.things(yard.label))
    shutil.rmtree(yard.folder, ignore_errors=True)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Where the receipts of one test are kept."""
    return Store(folder=tmp_path / "receipts")
