"""A release with a defect is rolled out over a sound one."""

from dataclasses import dataclass
from typing import Protocol

from faults.core import Receipt


class Deployments(Protocol):
    """The narrow view of a pod controller that a release fault needs."""

    def release_of(self, deployment: str) -> str:
        """The release that the deployment wants now."""

    def roll_out(self, deployment: str, *, release: str, cause: str) -> int:
        """Want another release; returns the new revision at once, pods follow one by one."""


@dataclass(frozen=True, kw_only=True)
class BadRelease:
    """Roll *release* out over what *deployment* runs; a person undoes it by rolling back."""

    deployment: str
    release: str
    cause: str

    def prepare(self, target: Deployments) -> Receipt:
        """Remember the release to go back to."""
        return {"deployment": self.deployment, "was": target.release_of(self.deployment)}

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
