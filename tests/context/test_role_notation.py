"""The notation in which users say what a series means."""

from __future__ import annotations

import pytest

from traindx.context.roles import FAMILIES, KINDS, Role, parse_role, resolve
from traindx.errors import UsageError


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("train/loss", Role(kind="loss", split="train", direction="lower")),
        ("val/accuracy", Role(kind="accuracy", split="val", direction="higher")),
        ("train/loss:bbox", Role(kind="loss", split="train", component="bbox", direction="lower")),
        ("recall@10", Role(kind="recall_at_k", k=10, direction="higher")),
        ("precision@5", Role(kind="precision_at_k", k=5, direction="higher")),
        ("ndcg@10", Role(kind="ndcg", k=10, direction="higher")),
        ("lr", Role(kind="learning_rate")),
        ("val/ppl", Role(kind="perplexity", split="val", direction="lower")),
        ("ignore", Role(kind="ignore")),
        ("val/loss(info_nce)", Role(kind="loss", split="val", family="info_nce", direction="lower")),
        ("train/loss:bbox(giou)", Role(kind="loss", split="train", component="bbox", family="giou", direction="lower")),
    ],
)
def test_each_form_of_the_notation_is_read(text: str, role: Role) -> None:
    assert parse_role(text) == role


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_named(kind: str) -> None:
    assert parse_role(kind).kind == kind


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_can_be_named(family: str) -> None:
    assert parse_role(f"loss({family})").family == family


@pytest.mark.parametrize(
    ("text", "near"),
    [("train/los", "loss"), ("trian/loss", "train"), ("loss(infonse)", "info_nce"), ("acuracy", "accuracy")],
)
def test_an_unknown_word_is_answered_with_the_nearest_ones(text: str, near: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_role(text)
    assert near in caught.value.hint


@pytest.mark.parametrize("text", ["", "loss:", "a/b/c", "loss@x", "loss((a))", "/loss"])
def test_what_is_no_role_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="cannot read the role"):
        parse_role(text)


def test_an_override_is_believed_and_only_for_its_own_name() -> None:
    overrides = {"closs": "train/loss", "foo": "ignore"}
    assert resolve("closs", overrides=overrides) == parse_role("train/loss")
    assert resolve("foo", overrides=overrides).kind == "ignore"
    assert resolve("val/closs", overrides=overrides).split == "val"
