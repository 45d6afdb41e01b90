"""Laws that hold for every name, however strange."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from traindx.context.roles import KINDS, Role, resolve
from traindx.context.roles.lexicon import LEXICON
from traindx.context.roles.tokenise import tokenise, unglued

WORDS = sorted({word for phrase in LEXICON for word in phrase if word != "#"})


@given(st.text(max_size=400))
def test_no_text_makes_it_fail_and_the_same_text_means_the_same(name: str) -> None:
    role = resolve(name)
    assert role == resolve(name)
    assert role.kind in KINDS
    assert 0.0 <= role.confidence <= 1.0


@given(st.lists(st.sampled_from([*WORDS, "1", "10", "0.5", "@", "/", "_", " ", "(", "[", "."]), max_size=12))
def test_no_mixture_of_known_words_makes_it_fail(pieces: list[str]) -> None:
    role = resolve("_".join(pieces))
    assert isinstance(role, Role)
    assert role.direction == KINDS[role.kind].direction
    assert role.family is None or role.kind == "loss"


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
def test_the_sign_between_words_does_not_matter(words: list[str]) -> None:
    assert resolve("_".join(words)) == resolve("-".join(words)) == resolve(" ".join(words))


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=40))
def test_splitting_a_glued_word_loses_no_letter(word: str) -> None:
    assert "".join(unglued(word)) in {word, word.removesuffix("s")}


@given(st.integers(min_value=1, max_value=10**6))
def test_any_cutoff_is_read(k: int) -> None:
    assert resolve(f"val/recall@{k}").k == k
    assert resolve(f"ndcg@{k}").k == k


def test_a_very_long_name_is_cut_and_not_searched_for_ever() -> None:
    assert resolve("loss" * 100_000).kind in KINDS
    assert len(tokenise("a_" * 100_000).segments[0]) < 400


def test_an_empty_name_means_nothing() -> None:
    assert resolve("").kind == resolve("///").kind == resolve("[]").kind == "unknown"
