"""The callback under the trainer of sentence-transformers, on a tiny encoder with weights of its own."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import transformers
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
        losses,
        models,
    )

import traindx
from tests.integrations.tiny_language import WORDS, outcome, tiny_tokenizer
from traindx.integrations.hf_trainer import TraindxCallback
from traindx.integrations.sentence_losses import sentence_facts

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]
_FLAT = 1e-6
"""A scale at which all similarities are zero: the loss then is that of guessing, whatever the weights."""


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=32, hidden_size=16, num_hidden_layers=1, num_attention_heads=1, intermediate_size=32,
        max_position_embeddings=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return folder


def loaded(encoder: Path) -> Any:
    return SentenceTransformer(modules=[models.Transformer(str(encoder)), models.Pooling(16)], device="cpu")


def sentences(columns: int) -> Any:
    words = WORDS[3:]
    rows = [
        [f"{words[(at * 7 + c) % 11]} {words[(at * 3 + c) % 11]} {words[at % 11]}" for at in range(64)]
        for c in range(columns)
    ]
    return Dataset.from_dict(dict(zip(("anchor", "positive", "negative"), rows, strict=False)))


def trained(
    folder: Path, encoder: Path, make: Any, columns: int = 2, *, record: bool = True, rate: float = 1e-2
) -> Any:
    model = loaded(encoder)
    loss = make(model)
    callback = TraindxCallback(folder / "run", loss=loss, quiet=True)
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=str(folder / "out"),
            per_device_train_batch_size=16,
            max_steps=20,
            logging_steps=2,
            learning_rate=rate,
            report_to=[],
            use_cpu=True,
            disable_tqdm=True,
            save_strategy="no",
            dataloader_pin_memory=False,
        ),
        train_dataset=sentences(columns),
        loss=loss,
        callbacks=[callback] if record else [],
    )
    trainer.train()
    return trainer, callback


def test_a_short_training_is_recorded_judged_and_unchanged(tmp_path: Path, encoder: Path) -> None:
    trainer, callback = trained(tmp_path, encoder, losses.MultipleNegativesRankingLoss)
    assert callback.report == traindx.diagnose(tmp_path / "run")
    assert "ln 16 = 2.773" in callback.report.verdict.summary
    assert outcome(trainer) == outcome(trained(tmp_path, encoder, losses.MultipleNegativesRankingLoss, record=False)[0])


@pytest.mark.parametrize(
    ("name", "columns", "options", "candidates"),
    [
        ("MultipleNegativesRankingLoss", 3, {}, 32),
        ("CachedMultipleNegativesRankingLoss", 3, {"mini_batch_size": 4}, 32),
    ],
)
def test_guessing_costs_the_logarithm_of_what_is_really_scored(
    name: str, columns: int, options: dict[str, Any], candidates: int, tmp_path: Path, encoder: Path
) -> None:
    def make(model: Any) -> Any:
        return getattr(losses, name)(model, scale=_FLAT, **options)

    callback = trained(tmp_path, encoder, make, columns, rate=0.0)[1]
    measured = float(traindx.read(tmp_path / "run")[0].series["loss"].values[0])
    assert measured == pytest.approx(math.log(candidates), abs=1e-4)
    found = {finding.code: finding.headline for finding in callback.report.findings}
    assert f"ln {candidates}" in found["BAS001"]


@pytest.mark.parametrize(
    ("directions", "partition", "columns"),
    [
        (("query_to_doc", "doc_to_query"), "joint", 2),
        (("query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc"), "joint", 2),
        (("query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc"), "joint", 3),
        (("query_to_doc", "doc_to_query"), "per_direction", 2),
    ],
)
def test_every_direction_of_a_loss_is_counted(
    directions: tuple[str, ...], partition: str, columns: int, encoder: Path, tmp_path: Path
) -> None:
    model = loaded(encoder)
    loss = losses.MultipleNegativesRankingLoss(model, scale=_FLAT, directions=directions, partition_mode=partition)  # type: ignore[arg-type]
    embedded = [torch.randn(16, 4) for _ in range(columns)]
    measured = float(loss.compute_loss_from_embeddings(embedded, torch.empty(0)))
    options = SentenceTransformerTrainingArguments(
        str(tmp_path), per_device_train_batch_size=16, use_cpu=True, report_to=[]
    )
    told = sentence_facts(loss, options, sentences(columns))
    assert measured == pytest.approx(math.log(float(told["negatives"])), abs=1e-4)


def test_softmaxes_of_different_sizes_are_given_no_single_level(encoder: Path, tmp_path: Path) -> None:
    loss = losses.MultipleNegativesRankingLoss(
        loaded(encoder), directions=("query_to_doc", "doc_to_query"), partition_mode="per_direction"
    )
    options = SentenceTransformerTrainingArguments(str(tmp_path), use_cpu=True, report_to=[])
    assert sentence_facts(loss, options, sentences(3)) == {}


def test_a_triplet_loss_tells_its_margin(tmp_path: Path, encoder: Path) -> None:
    trained(tmp_path, encoder, losses.TripletLoss, 3)
    told = json.loads((tmp_path / "run" / "traindx_run.json").read_text())["traindx_facts"]
    assert (told["loss"], told["margin"]) == ("triplet", 5.0)
