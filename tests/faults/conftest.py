"""The yard, and a folder of receipts for each test."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from faults.actors import IMAGE_VARIABLE
from faults.store import Store
from tests import labelled
from tests.faults.servers import Yard


@pytest.fixture(scope="session")
def yard(engine: docker.DockerClient, image: Callable[[str], str]) -> Iterator[Yard]:
    """The servers of this run; whatever carries its label is removed at the end."""
    os.environ[IMAGE_VARIABLE] = image("actor")
    yard = Yard(engine=engine, label=f"test-{uuid.uuid4().hex[:8]}", image=image)
    yield yard
    labelled.remove(yard.label)
    shutil.rmtree(yard.folder, ignore_errors=True)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Where the receipts of one test are kept."""
    return Store(folder=tmp_path / "receipts")
