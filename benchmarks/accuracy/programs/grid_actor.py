"""An actor and a critic that walk to a goal on a grid, with clipped policy updates."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from benchmarks.accuracy.causing import causes
from benchmarks.accuracy.plan import Plan
from benchmarks.accuracy.program import Program
from benchmarks.accuracy.recorder import Recorder
from benchmarks.accuracy.stepping import seeded, stepper
from torch import Tensor, nn
from torch.distributions import Categorical
from torch.nn import functional

SIDE, WALKERS, HORIZON, LIMIT, DISCOUNT, LAMBDA = 6, 32, 16, 30, 0.95, 0.9
UPDATES, PASSES = 50, 4
MOVES = torch.tensor([[0, 1], [0, -1], [1, 0], [-1, 0]])


class Agent(nn.Module):
    """A shared layer, a head for four moves and one for the value."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.moves, self.value = nn.Linear(64, 4), nn.Linear(64, 1)
        nn.init.normal_(self.moves.weight, std=0.01)

    def forward(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Return log probabilities of the moves, and the values."""
        hidden = self.body(seen)
        return self.moves(hidden).log_softmax(-1), self.value(hidden)[..., 0]


@dataclass
class Walks:
    """Walkers on grids: a step costs 0.05, the goal pays 1; a walk ends there or after LIMIT steps."""

    draw: torch.Generator
    blind: bool
    place: Tensor = field(init=False)
    goal: Tensor = field(init=False)
    age: Tensor = field(init=False)
    earned: Tensor = field(init=False)
    done: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.place, self.goal = self._spots(WALKERS), self._spots(WALKERS)
        self.age, self.earned = torch.zeros(WALKERS), torch.zeros(WALKERS)

    def _spots(self, count: int) -> Tensor:
        return torch.randint(0, SIDE, (count, 2), generator=self.draw)

    def seen(self) -> Tensor:
        """Return what the agent sees: its place and the goal's, as shares of the grid."""
        return torch.cat([self.place, self.goal], dim=1).float() / (SIDE - 1) * 2 - 1

    def step(self, move: Tensor) -> tuple[Tensor, Tensor]:
        """Move, and return rewards and which walks ended."""
        self.place = (self.place + MOVES[move]).clamp(0, SIDE - 1)
        there = (self.place == self.goal).all(1)
        reward = torch.full((WALKERS,), -0.05) + there.float()
        if self.blind:
            reward = torch.zeros(WALKERS)
        self.age, self.earned = self.age + 1, self.earned + reward
        ended = there | (self.age >= LIMIT)
        for row in torch.nonzero(ended)[:, 0].tolist():
            self.done.append((float(self.earned[row]), float(self.age[row])))
        count = int(ended.sum())
        self.place[ended], self.goal[ended] = self._spots(count), self._spots(count)
        self.age[ended], self.earned[ended] = 0.0, 0.0
        return reward, ended


@dataclass
class Rollout:
    """What was seen and done, (HORIZON x WALKERS, ...) each."""

    seen: Tensor
    moves: Tensor
    logs: Tensor
    values: Tensor
    returns: Tensor


def _rollout(agent: Agent, walks: Walks) -> Rollout:
    kept: list[tuple[Tensor, ...]] = []
    with torch.no_grad():
        for _ in range(HORIZON):
            seen = walks.seen()
            logs, value = agent(seen)
            move = Categorical(logits=logs, validate_args=False).sample()
            reward, ended = walks.step(move)
            kept.append((seen, move, logs.gather(1, move[:, None])[:, 0], value, reward, ended.float()))
        following = agent(walks.seen())[1]
    gain, gains = torch.zeros(WALKERS), []
    for _, _, _, value, reward, ended in reversed(kept):
        gain = reward + DISCOUNT * (1 - ended) * following - value + DISCOUNT * LAMBDA * (1 - ended) * gain
        following = value
        gains.append(gain + value)
    seen, moves, logs, values = (torch.cat([row[i] for row in kept]) for i in range(4))
    return Rollout(seen, moves, logs, values, torch.cat(gains[::-1]))


def _loss(agent: Agent, part: Rollout, plan: Plan) -> tuple[Tensor, dict[str, float]]:
    logs, values = agent(part.seen)
    advantage = part.returns - part.values
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    if plan.fault == "reward-negated":
        advantage = -advantage
    difference = logs.gather(1, part.moves[:, None])[:, 0] - part.logs
    ratio = difference.exp()
    policy = -torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage).mean()
    critic, entropy = functional.mse_loss(values, part.returns), -(logs.exp() * logs).sum(-1).mean()
    bonus = -2.0 if plan.fault == "entropy-penalised" else 0.01
    shown = {
        "train/policy_gradient_loss": policy.item(),
        "train/value_loss": critic.item(),
        "train/entropy_loss": -entropy.item(),
        "train/approx_kl": (ratio - 1 - difference).mean().item(),
        "train/clip_fraction": ((ratio - 1).abs() > 0.2).float().mean().item(),
    }
    return policy + 0.5 * critic - bonus * entropy, shown


def _played(agent: Agent) -> float:
    """Return the mean reward of 200 fresh walks or more."""
    walks = Walks(torch.Generator().manual_seed(9), blind=False)
    while len(walks.done) < 200:
        logs = agent(walks.seen())[0].nan_to_num(0.0)
        _ = walks.step(Categorical(logits=logs, validate_args=False).sample())
    return sum(reward for reward, _ in walks.done) / len(walks.done)


def train(plan: Plan, recorder: Recorder) -> None:
    """Walk, learn from the walks, and log once an update."""
    draw = seeded(plan)
    agent, walks = Agent(), Walks(draw, blind=plan.fault == "no-reward-signal")
    with torch.no_grad():
        untrained = _played(agent)
        recorder.guess({"rollout/ep_rew_mean": untrained})
    updates = max(6, round(UPDATES * plan.length))
    taker = stepper(
        plan,
        agent,
        lr=2e-3,
        total=updates * PASSES,
        clip=0.5,
        schedule="cosine" if plan.healthy == "cosine" else "constant",
    )
    recorder.setting(
        learning_rate=taker.rates.peak,
        clip_range=0.2,
        gamma=DISCOUNT,
        n_steps=HORIZON,
        n_envs=WALKERS,
        max_grad_norm=0.5,
    )
    for update in range(updates):
        part = _rollout(agent, walks)
        for inner in range(PASSES):
            loss, shown = _loss(agent, part, plan)
            told = taker.step(loss, update * PASSES + inner)
        recent = walks.done[-100:] or [(0.0, 0.0)]
        unexplained = float((part.returns - part.values).var() / part.returns.var().clamp(min=1e-12))
        played = {
            "rollout/ep_rew_mean": sum(reward for reward, _ in recent) / len(recent),
            "rollout/ep_len_mean": sum(age for _, age in recent) / len(recent),
            "train/explained_variance": 1 - unexplained,
        }
        recorder.log((update + 1) * HORIZON * WALKERS, {**played, **shown, "train/loss": loss.item(), **told})
    with torch.no_grad():
        recorder.outcome(_played(agent), trivial=untrained, higher=True)


PROGRAM = Program(
    name="grid_actor",
    task="reinforcement",
    split="test",
    faults=causes(
        "rate-x30", "rate-x100", "rate-over-300", "all-frozen", "missing-zero-grad", "sign-flipped", "no-reward-signal",
        "reward-negated", "entropy-penalised",
    ),
    healthy=("cosine",),
    train=train,
    forms=("jsonl", "tensorboard", "lightning-csv"),
)  # fmt: skip
