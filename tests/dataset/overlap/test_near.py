"""Near copies are found, against brute force and other libraries, and none are invented."""

from __future__ import annotations

import io
import string

import datasketch
import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics.pairwise import cosine_similarity

from traindx.arrays import MemorySource
from traindx.dataset.overlap import hashing, minhash, shingles
from traindx.dataset.overlap.matching import Groups
from traindx.dataset.overlap.minhash import Banding, band_hashes, banding, signatures
from traindx.dataset.overlap.near_embedding import near_embeddings
from traindx.dataset.overlap.near_image import near_images
from traindx.dataset.overlap.near_text import near_texts
from traindx.dataset.overlap.pairs import candidate_pairs
from traindx.dataset.overlap.perceptual import different_bits, perceptual_hashes, thumbnails, within
from traindx.dataset.overlap.shingles import Shingling, jaccard

CUTS = [Shingling("word", 1), Shingling("word", 3), Shingling("character", 5), Shingling("character", 12)]


def objects(values: list[object]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out


def texts(values: list[str]) -> MemorySource:
    return MemorySource(objects(values), name="text", kind="text")


def cut_by_hand(text: str, cut: Shingling) -> set[str]:
    pieces = text.split(" ") if cut.unit == "word" else list(text)
    if not text:
        return set()
    if len(pieces) <= cut.size:
        return {text}
    between = " " if cut.unit == "word" else ""
    return {between.join(pieces[i : i + cut.size]) for i in range(len(pieces) - cut.size + 1)}


SENTENCES = st.lists(st.text("ab漢é", min_size=1, max_size=4), max_size=12).map(" ".join)


@pytest.mark.parametrize("cut", CUTS)
@given(some=st.lists(SENTENCES, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_jaccard_is_that_of_sets_of_shingles(cut: Shingling, some: list[str]) -> None:
    encoded = [text.encode() for text in some]
    first, second = np.triu_indices(len(some))
    measured = jaccard(*shingles.shingles(encoded, cut), first.astype(np.int64), second.astype(np.int64))
    sets = [cut_by_hand(text, cut) for text in some]
    for value, i, j in zip(measured, first, second, strict=True):
        either = sets[i] | sets[j]
        assert value == pytest.approx(len(sets[i] & sets[j]) / len(either) if either else float("nan"), nan_ok=True)


@pytest.mark.parametrize("cut", CUTS)
def test_signatures_are_alike_with_and_without_compiled_loops(cut: Shingling, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [b"", b"a", b"a dog and a cat", "é 漢字 ß naïve".encode(), b"word " * 400 + b"end"]

    def measured() -> list[object]:
        found, starts = shingles.shingles(some, cut)
        values = signatures(found, starts)
        pairs = np.array([1, 2, 3]), np.array([2, 3, 4])
        return [
            starts.tolist(),
            found.tolist(),
            values.tolist(),
            jaccard(found, starts, *pairs).tolist(),
            band_hashes(values, banding(0.8)).tolist(),
        ]

    compiled = measured()
    for module in (hashing, minhash, shingles):
        monkeypatch.setattr(module, "has_numba", lambda: False)
    assert measured() == compiled


@pytest.mark.parametrize("shared", [30, 80, 95])
def test_signatures_estimate_jaccard_as_well_as_datasketchs(shared: int) -> None:
    rng = np.random.default_rng(shared)
    ours, theirs = [], []
    truth = shared / (200 - shared)
    for _ in range(60):
        members = rng.choice(1 << 60, 200 - shared, replace=False)
        sets = [members[:100], members[100 - shared :]]
        hashes = [hashing.hash_words(one.astype(np.uint64)[:, None]) for one in sets]
        values = signatures(np.concatenate(hashes), np.array([0, 100, 200]))
        ours.append((values[0] == values[1]).mean())
        sketches = [datasketch.MinHash(num_perm=128) for _ in sets]
        for sketch, one in zip(sketches, sets, strict=True):
            sketch.update_batch([int(v).to_bytes(8, "little") for v in one])
        theirs.append(sketches[0].jaccard(sketches[1]))
    error = np.sqrt(truth * (1 - truth) / 128 / 60)
    assert np.mean(ours) == pytest.approx(truth, abs=4 * error)
    assert np.mean((np.array(ours) - truth) ** 2) < 2 * np.mean((np.array(theirs) - truth) ** 2)


def test_bands_are_as_long_as_the_threshold_allows() -> None:
    assert banding(0.8) == Banding(21, 6)
    assert banding(0.8).candidates(0.8) >= 0.99 > Banding(18, 7).candidates(0.8)
    assert banding(0.01).rows == 1


def _documents(count: int, words: int, seed: int) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    vocabulary = ["".join(rng.choice(list(string.ascii_lowercase), rng.integers(2, 9))) for _ in range(3000)]
    return [[vocabulary[i] for i in rng.integers(0, 3000, words)] for _ in range(count)]


def test_a_text_with_a_word_changed_is_found_and_independent_ones_are_not() -> None:
    train, other = _documents(3000, 40, 0), _documents(500, 40, 1)
    for at in range(100):
        other[at] = [*train[at * 20][:20], "another", *train[at * 20][21:]]
    for at in range(100, 130):
        other[at] = [word.upper() for word in train[at]]  # equal once normalised: not near but the same
    train[2999] = [*train[2998][:-1], "end"]
    found, limits = near_texts(texts([" ".join(d) for d in train]), texts([" ".join(d) for d in other]), threads=2)
    assert limits == ()
    assert 98 <= found.close <= 100
    assert found.train_close == 2
    assert found.background == 0
    mine, theirs, value = found.examples[0]
    assert mine == theirs * 20
    one, two = (cut_by_hand(" ".join(d), Shingling()) for d in (train[mine], other[theirs]))
    assert value == pytest.approx(len(one & two) / len(one | two))


def test_pairs_at_the_threshold_are_found_as_often_as_promised() -> None:
    rng = np.random.default_rng(2)
    train, other, wanted = _documents(400, 60, 3), [], 0
    for document in train:
        changed = list(document)
        for at in rng.choice(60, 3, replace=False):
            changed[at] = "".join(rng.choice(list(string.ascii_lowercase), 5))
        other.append(changed)
        one, two = (set(d) for d in (document, changed))
        wanted += len(one & two) / len(one | two) > 0.8
    found, _ = near_texts(
        texts([" ".join(d) for d in train]), texts([" ".join(d) for d in other]), cut=Shingling("word", 1)
    )
    assert wanted > 300
    assert 0.985 * wanted <= found.close <= wanted


@pytest.mark.slow
def test_thousands_of_texts_of_one_template_stay_cheap() -> None:
    same = texts(["the same words every time"] * 20_000)
    varied = texts([f"the same long template with all of its words and number {i}" for i in range(20_000)])
    assert near_texts(same, same)[0].close == 0  # equal, not near
    assert near_texts(varied, varied)[0].train_close > 10_000


def test_empty_texts_are_near_to_nothing() -> None:
    found, _ = near_texts(texts(["", " ", "a"]), texts(["", "\n"]))
    assert (found.close, found.train_close) == (0, 0)
    assert near_texts(texts([]), texts([]))[0].close == 0


def test_a_small_budget_is_said() -> None:
    _, limits = near_texts(texts(["a b c"] * 50), texts(["d"] * 10), budget_bytes=5120)
    assert limits == ("near duplicates of text: only the first 10 of 50 texts were compared",)


def test_large_groups_are_paired_in_linear_number() -> None:
    assert len(candidate_pairs([Groups(np.arange(1000), np.array([0, 1000]))])) == 2 * 999 - 1
    assert len(candidate_pairs([Groups(np.arange(8), np.array([0, 8]))])) == 28


def _pictures(count: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 255, (count, 6, 6, 3), dtype=np.uint8)
    return [np.asarray(Image.fromarray(one).resize((96, 80), Image.Resampling.BICUBIC)) for one in small]


def _saved_again(picture: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).resize((64, 64)).save(file, "JPEG", quality=60)
    return np.asarray(Image.open(file))


def test_perceptual_hashes_are_those_of_imagehash() -> None:
    pictures = _pictures(60, 0)
    reference = [int(str(imagehash.phash(Image.fromarray(one))), 16) for one in pictures]
    assert perceptual_hashes(thumbnails(pictures)).tolist() == reference


def test_a_picture_saved_again_is_found_and_others_are_not() -> None:
    train, other = _pictures(400, 1), _pictures(100, 2)
    other[:20] = [_saved_again(one) for one in train[:60:3]]
    other[20:30] = train[20:30]
    train += [np.full((80, 96, 3), 7, np.uint8)]
    other += [np.full((80, 96, 3), 9, np.uint8)]  # flat pictures show nothing that could be alike
    found, limits = near_images(MemorySource(objects(train), kind="image"), MemorySource(objects(other), kind="image"))
    assert 19 <= found.close <= 20
    assert (found.train_close, found.background, limits) == (0, 0, ())
    assert all(mine == 3 * theirs and value > 0.99 for mine, theirs, value in found.examples)


def test_every_pair_within_four_bits_is_found() -> None:
    rng = np.random.default_rng(3)
    first = rng.integers(0, 1 << 64, 3000, dtype=np.uint64)
    second = rng.integers(0, 1 << 64, 500, dtype=np.uint64)
    second[:300] = first[:300]
    for at in range(300):
        for bit in rng.choice(64, at % 7, replace=False).tolist():
            second[at] ^= np.uint64(1 << bit)
    pairs, whole = within(first, second, 4, 10**9)
    everything = np.argwhere(
        different_bits(first[:, None] + np.zeros_like(second), second + np.zeros_like(first)[:, None]) <= 4
    )
    assert whole
    assert {tuple(p) for p in pairs.tolist()} == {tuple(p) for p in everything.tolist()}
    assert not within(first, second, 4, 10)[1]


def test_pictures_of_any_type_are_compared() -> None:
    grey = _pictures(1, 4)[0][:, :, 0]
    forms = [
        grey,
        grey[:, :, None],
        grey.astype(np.float32) / 255,
        np.stack([grey] * 3, axis=2),
        grey.astype(bool),
        np.full((9, 9), np.nan),
    ]
    assert thumbnails(forms).shape == (6, 32, 32)


def test_embeddings_are_compared_as_by_brute_force() -> None:
    rng = np.random.default_rng(5)
    train, other = rng.normal(size=(6000, 64)), rng.normal(size=(300, 64))
    other[:30] = 2 * train[:30] + 0.1 * rng.normal(size=(30, 64))
    other[30:40] = train[100:110]  # copies: counted elsewhere
    train[7] = 1.5 * train[8]
    other[50], other[51, 3] = 0, np.nan
    found, limits = near_embeddings(MemorySource(train), MemorySource(other))
    clean = np.nan_to_num(other)
    clean[51] = 0
    cosines = cosine_similarity(clean, train)
    expected = (cosines > 0.98).any(axis=1)
    expected[30:40] = False
    assert found.close == expected.sum()
    assert found.background == pytest.approx(((cosines > 0.98).sum() - 10) / cosines.size)
    assert found.train_compared == 300
    assert limits == ()
    for mine, theirs, value in found.examples:
        assert value == pytest.approx(cosines[theirs, mine], abs=1e-5)


def test_work_beyond_the_budget_is_sampled_and_said() -> None:
    rng = np.random.default_rng(6)
    train, other = MemorySource(rng.normal(size=(2000, 64))), MemorySource(rng.normal(size=(500, 64)))
    found, limits = near_embeddings(train, other, work=2000 * 64 * 100)
    assert found.other_rows == 50
    assert "50 of 500 rows" in limits[0]


def test_no_embeddings_are_near_to_nothing() -> None:
    found, _ = near_embeddings(MemorySource(np.empty((0, 64))), MemorySource(np.empty((0, 64))))
    assert found.close == 0
    assert near_embeddings(MemorySource(np.zeros((1, 64))), MemorySource(np.zeros((1, 64))))[0].close == 0


@pytest.mark.slow
def test_long_texts_are_compared_in_portions() -> None:
    words = " ".join(f"word{i}" for i in range(30_000))
    long = [f"{words} {i}" for i in range(8)]
    found, _ = near_texts(texts(long[:4]), texts(long[4:]))
    assert found.close == 4
