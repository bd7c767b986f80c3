"""Releases that should not have gone out."""

from faults.release.bad_release import BadRelease, Deployments

__all__ = ["BadRelease", "Deployments"]
