"""What is wrong with a scenario and its runbook, said before anybody starts it."""

from lab.lint.files import Examined, examine, orphans, refuse_unsound
from lab.lint.problem import Problem
from lab.lint.rules import problems

__all__ = ["Examined", "Problem", "examine", "orphans", "problems", "refuse_unsound"]
