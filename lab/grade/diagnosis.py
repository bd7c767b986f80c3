"""Judges what the trainee said was wrong, word by word against the scenario's truth."""

import re
from dataclasses import dataclass

from lab.grade.case import Case
from lab.grade.model import Grade, Verdict
from lab.grade.say import clock, percent
from lab.grade.shape import grade_of
from lab.history.records import Event
from lab.scenario import Accepted, Credit, Diagnosed, Objective, Scenario


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One diagnosis and how much of each part is right: all, what *credit* gives for half of it, or none."""

    t: float
    parts: dict[str, float]
    credit: Credit

    @property
    def share(self) -> float:
        """The weighted share that is right."""
        return sum(self.credit.parts[name] * part for name, part in self.parts.items())

    @property
    def right(self) -> bool:
        """Whether somebody could act on it."""
        return self.share >= self.credit.right_ratio - 1e-9


def answers(case: Case) -> tuple[Answer, ...]:
    """Every diagnosis that was given, oldest first."""
    return tuple(_answer(case.scenario, event) for event in case.phases.of("diagnosis"))


def judge_diagnosis(case: Case, objective: Objective, _probe: Diagnosed) -> Grade:
    """The best answer earns; a wrong first guess costs a part of the points, never more than the rest
    earned.
    """
    given = answers(case)
    if not given:
        if case.phases.injected_t is None:
            return grade_of(objective, Verdict.PASS, "nothing was wrong, and nothing was claimed to be")
        return grade_of(objective, Verdict.FAIL, "no diagnosis was given")
    best = max(given, key=lambda answer: answer.share)
    penalty = case.scenario.credit.wrong_guess_ratio if not given[0].right and best is not given[0] else 0.0
    earned = objective.points * max(0.0, best.share - penalty)
    parts = ", ".join(f"{name} {_word(part)}" for name, part in best.parts.items())
    text = f"best of {len(given)} {'answer' if len(given) == 1 else 'answers'}, at {clock(best.t)}: {parts}"
    if penalty:
        text += f"; the first guess was wrong, which costs {percent(penalty)}"
    verdict = Verdict.PASS if best.right else Verdict.FAIL
    return grade_of(objective, verdict, text, earned=earned, evidence={"share": round(best.share, 3)})


def names(accepted: Accepted, text: str) -> bool:
    """Whether *text* has one of the accepted words, or one that is partly right."""
    return any(_found(word, text) for word in (*accepted.words, *accepted.partial))


def _answer(scenario: Scenario, event: Event) -> Answer:
    truth, credit = scenario.truth, scenario.credit
    accepted = {"component": truth.component, "fault": truth.fault, "evidence": truth.evidence}
    parts = {
        name: _matches(want, str(event.detail.get(name) or ""), credit.partial_ratio)
        for name, want in accepted.items()
    }
    return Answer(t=event.t, parts=parts, credit=credit)


def _matches(accepted: Accepted, text: str, partial_ratio: float) -> float:
    earned = 0.0
    if any(_found(word, text) for word in accepted.words):
        earned = 1.0
    elif any(_found(word, text) for word in accepted.partial):
        earned = partial_ratio
    return max(0.0, earned - partial_ratio * sum(_found(word, text) for word in accepted.others))


def _found(word: str, text: str) -> bool:
    """Whether *word* begins a word of *text*: "leak" is in "leaking", "api" is not in "rapid"."""
    pattern = r"(?<![a-z0-9])" + r"\s+".join(re.escape(part) for part in word.lower().split())
    return re.search(pattern, text.lower()) is not None


def _word(part: float) -> str:
    if part == 1:
        return "right"
    return "partly right" if part else "not right"
