"""RLF008: one update changes the policy too much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, final

from traindx.context import READINGS, TASKS, Case, Reading
from traindx.diagnosis import Finding, Severity
from traindx.rules.choosing import across, level_of, longest_of
from traindx.rules.reinforcement.course import course_of, is_playing
from traindx.rules.rule import Rule, RuleMeta


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyUpdatesTooLarge(Rule):
    """Single updates change the policy far beyond the trust region, and the reward does not rise.

    ## What it looks at
    The divergence between the policy before and after an update, and the share of clipped probability ratios, over the
    second half of the run. Usual are 0.01 to 0.02 and 0.05 to 0.3.

    ## Why it matters
    The estimate that an update follows only holds near the old policy. Far from it most samples are clipped, send no
    gradient, and the others push blindly.

    ## What to try
    - Fewer epochs per batch, a smaller learning rate, larger minibatches; stop an update at the target divergence.

    ## When it is wrong
    Continuous actions with a small standard deviation have large ratios by nature; then only a remark is made where the
    reward rises.
    """

    meta: ClassVar = RuleMeta(
        code="RLF008", name="policy-updates-too-large", since="0.1", summary="one update changes the policy too much"
    )
    needs: ClassVar = (READINGS, TASKS)
    explained_by: ClassVar = ("RLF001",)

    points: int = 20
    divergence: float = 0.1
    """Five to ten times the usual target."""

    clipped: float = 0.4
    alone: float = 2.0
    """Where only one of the two is logged, it must be beyond twice the limit (a share: beyond 0.6)."""

    def check(self, case: Case) -> Iterator[Finding]:
        kl = longest_of(case, "approx_kl", None) or longest_of(case, "kl", ("ppo",)) if is_playing(case) else None
        clip = longest_of(case, "clip_fraction", (None, "region")) if is_playing(case) else None
        clip = None if clip is None or "prompt" in clip.name.lower() else clip
        known = [r for r in (kl, clip) if r is not None and r.curve is not None and r.curve.count >= self.points]
        if not known or not self._beyond(kl, clip):
            return
        course = course_of(case)
        grave = course in ("flat", "fell")
        said = " and ".join(f"{r.name} {level_of(r, 0.5):.3g}" for r in known)
        yield self.finding(
            f"single updates change the policy too much: {said} over the second half of the run",
            *(
                across(
                    case,
                    r,
                    f"{r.name} over the second half",
                    level_of(r, 0.5),
                    first=0.5,
                    expected=self.divergence if r is kl else self.clipped,
                )
                for r in known
            ),
            severity=Severity.WARNING if grave else Severity.INFO,
            confidence=0.8,
            why="far from the old policy its samples say nothing: most are clipped, and the others push blindly",
            do=(
                "fewer epochs per batch and a smaller learning rate",
                "stop an update once the divergence passes its target",
            ),
            check="the probability ratio before the first minibatch of an update: it must be exactly 1",
            rank=46 if grave else 13,
        )

    def _beyond(self, kl: Reading | None, clip: Reading | None) -> bool:
        far = level_of(kl, 0.5) if kl is not None else float("nan")
        cut = level_of(clip, 0.5) if clip is not None else float("nan")
        if kl is not None and clip is not None:
            return far > self.divergence and cut > self.clipped
        return far > self.alone * self.divergence or cut > 1.5 * self.clipped
