"""A release with a defect is rolled out over a sound one."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from faults.core import About, Checked, Kind, Receipt, Undo
from faults.errors import ForeignState
from faults.parameters import name, text


class Deployments(Protocol):
    """The narrow view of a pod controller that a release fault needs."""

    def release_of(self, deployment: str) -> str:
        """The release that the deployment wants now."""

    def roll_out(self, deployment: str, *, release: str, cause: str) -> int:
        """Want another release; returns the new revision at once, pods follow one by one."""


@dataclass(frozen=True, kw_only=True)
class BadRelease(Checked):
    """Another release is rolled out over a sound one, pod by pod; a person undoes it by rolling back."""

    about: ClassVar[About] = About(
        id="release.bad_release",
        kind=Kind.DEPLOYMENT,
        undo=Undo.INVERSE,
        touches=("deployment:{deployment}",),
        see="the history of roll-outs; the release label of the pods' metrics",
        fix="roll back to the revision before",
        settle_s=30.0,
        instant=False,
        one_strength="what a release's defect does is the release's own affair",
    )

    deployment: str = name("api", means="deployment that gets the release")
    release: str = name("2.4.0", pattern=r"[0-9]+\.[0-9]+\.[0-9]+", means="release with the defect")
    cause: str = text("a new release", means="what the history of roll-outs says of it")

    def prepare(self, target: Deployments) -> Receipt:
        """Remember the release to go back to; ForeignState where it is the defective one already."""
        was = target.release_of(self.deployment)
        if was == self.release:
            raise ForeignState(f"{self.deployment} wants release {was} already: there is none to go back to")
        return {"deployment": self.deployment, "was": was}

    def inject(self, target: Deployments, receipt: Receipt) -> None:
        """Roll the defective release out."""
        target.roll_out(self.deployment, release=self.release, cause=self.cause)

    def active(self, target: Deployments, receipt: Receipt) -> bool:
        """Whether the deployment still wants the defective release."""
        return target.release_of(self.deployment) == self.release

    def revert(self, target: Deployments, receipt: Receipt) -> None:
        """Go back to the release before, unless somebody already has."""
        if self.active(target, receipt):
            target.roll_out(self.deployment, release=str(receipt["was"]), cause="rollback")
