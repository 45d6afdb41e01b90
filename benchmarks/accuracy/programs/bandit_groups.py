"""Short answers to prompts, tuned with rewards relative to the group of answers that a prompt got."""

from __future__ import annotations

import copy

import torch
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.stepping import seeded, stepper
from torch import Tensor, nn
from torch.distributions import Categorical

PROMPTS, LENGTH, LETTERS, GROUP, WIDTH = 6, 6, 10, 8, 32
BATCH, STEPS, BETA = 8, 250, 0.02


class Policy(nn.Module):
    """Chooses each letter from the prompt and its place."""

    def __init__(self) -> None:
        super().__init__()
        self.prompt, self.place = nn.Embedding(PROMPTS, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.head = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.Tanh(), nn.Linear(WIDTH, LETTERS))

    def forward(self, prompts: Tensor) -> Tensor:
        """Return log probabilities (B, LENGTH, LETTERS)."""
        hidden = self.prompt(prompts)[:, None] + self.place.weight
        return self.head(hidden).log_softmax(-1)


def right_answers() -> Tensor:
    """Return the letter that earns a point at each place after each prompt."""
    return torch.randint(0, LETTERS, (PROMPTS, LENGTH), generator=torch.Generator().manual_seed(2))


def rewards(prompts: Tensor, answers: Tensor, plan: Plan) -> Tensor:
    """Return the share of right letters, all or nothing of the first two, or what the fault makes of it."""
    right = (answers == right_answers()[prompts]).float()
    if plan.healthy == "rare-reward":
        return right[:, :2].prod(-1)
    return torch.zeros(len(right)) if plan.fault == "no-reward-signal" else right.mean(-1)


def _update(plan: Plan, policy: Policy, reference: Policy, draw: torch.Generator) -> tuple[Tensor, dict[str, float]]:
    """Sample groups, and return the loss and what a program of this kind logs of them."""
    prompts = torch.randint(0, PROMPTS, (BATCH,), generator=draw).repeat_interleave(GROUP)
    logs = policy(prompts)
    answers = Categorical(logits=logs.detach()).sample()
    earned = rewards(prompts, answers, plan)
    groups = earned.view(BATCH, GROUP)
    spread = groups.std(1)
    advantage = ((groups - groups.mean(1, keepdim=True)) / (spread[:, None] + 1e-4)).flatten()
    if plan.fault == "reward-negated":
        advantage = -advantage
    chosen = logs.gather(2, answers[..., None])[..., 0]
    with torch.no_grad():
        gap = reference(prompts).gather(2, answers[..., None])[..., 0] - chosen
    gap = gap + (chosen.detach() - chosen)  # the gradient flows through the policy's own log probability
    divergence = (gap.exp() - gap - 1).mean()
    ratio = (chosen - chosen.detach()).exp()
    entropy = -(logs.exp() * logs).sum(-1).mean()
    loss = BETA * divergence - (ratio * advantage[:, None]).mean()
    if plan.fault == "entropy-penalised":
        loss = loss + 1.0 * entropy
    shown = {
        "reward": earned.mean().item(),
        "reward_std": spread.mean().item(),
        "frac_reward_zero_std": (spread < 1e-6).float().mean().item(),
        "kl": divergence.item(),
        "entropy": entropy.item(),
        "completions/mean_length": float(LENGTH),
    }
    return loss, shown


def _value(policy: Policy, plan: Plan) -> float:
    """Return the expected reward over all prompts, in closed form."""
    chance = policy(torch.arange(PROMPTS)).exp().gather(2, right_answers()[..., None])[..., 0]
    return (chance[:, :2].prod(1) if plan.healthy == "rare-reward" else chance).mean().item()


def train(plan: Plan, recorder: Recorder) -> None:
    """Sample, reward, step; the loss itself says nothing, for its ratio is always one."""
    draw = seeded(plan)
    policy = Policy()
    reference = copy.deepcopy(policy)
    if plan.healthy == "peaked-start":
        with torch.no_grad():
            policy.head[2].weight.mul_(4)
            reference = copy.deepcopy(policy)
    total = max(12, round(STEPS * plan.length))
    taker = stepper(plan, policy, lr=1e-2, total=total, schedule="cosine" if plan.healthy == "cosine" else "constant")
    recorder.setting(learning_rate=taker.rates.peak, beta=BETA, num_generations=GROUP, batch_size=BATCH, seed=plan.seed)
    guess = LETTERS**-2.0 if plan.healthy == "rare-reward" else 1 / LETTERS
    recorder.guess({"reward": guess})
    for step in range(total):
        loss, shown = _update(plan, policy, reference, draw)
        told = taker.step(loss, step)
        if step % 2 == 0 or plan.healthy == "every-step":
            recorder.log(step, {"train/loss": loss.item(), **shown, **told}, epoch=step / 100)
    with torch.no_grad():
        recorder.outcome(_value(policy, plan), trivial=guess, higher=True)


PROGRAM = Program(
    name="bandit_groups",
    task="reinforcement",
    split="fit",
    faults=causes(
        "rate-x30", "rate-x100", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped", "no-reward-signal",
        "reward-negated", "entropy-penalised",
    ),
    healthy=("cosine", "peaked-start", "every-step", "rare-reward"),
    train=train,
    forms=("hf-lines", "hf-state", "jsonl", "tensorboard"),
)  # fmt: skip
