"""The laws of every scenario, run for real: healthy, unsolved, solved, trapped, uncheatable, reversible."""

from lab.proof.cells import Cell, cells_of
from lab.proof.matrix import Row, prove

__all__ = ["Cell", "Row", "cells_of", "prove"]
