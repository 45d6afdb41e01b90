"""A language model of two thousand weights and a tokeniser of its own: what a Trainer needs where no model hub is reachable."""

from __future__ import annotations

from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

torch.set_num_threads(1)  # two thousand weights: threads that wait for each other cost more than the sums

WORDS = ("<pad>", "<eos>", "<unk>", "two", "and", "is", "four", "five", "six", "seven", "eight", "nine", "ten", "one")


def tiny_model(seed: int = 0) -> Any:
    torch.manual_seed(seed)
    config = transformers.GPT2Config(
        n_layer=1, n_head=1, n_embd=16, vocab_size=32, n_positions=32, bos_token_id=1, eos_token_id=1, pad_token_id=0,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
    )  # fmt: skip
    return transformers.GPT2LMHeadModel(config)


def tiny_tokenizer() -> Any:
    inner = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )


class Rows(torch.utils.data.Dataset[dict[str, torch.Tensor]]):
    """Sequences that count on from a first token: a few dozen steps learn some of it."""

    def __init__(self, rows: int = 64) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, at: int) -> dict[str, torch.Tensor]:
        tokens = (torch.arange(8) + at) % 8 + 3
        return {"input_ids": tokens, "labels": tokens.clone()}


def outcome(trainer: Any) -> tuple[list[bytes], list[dict[str, float]]]:
    """All weights and all logged values but those of the clock: what may not change with and without an integration."""
    weights = [tensor.numpy().tobytes() for tensor in trainer.model.state_dict().values()]
    logged = [
        {name: value for name, value in row.items() if not name.endswith(("runtime", "per_second", "step_time"))}
        for row in trainer.state.log_history
    ]
    return weights, logged
