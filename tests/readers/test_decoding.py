"""Decoding: the text that was meant, whatever bytes it was written in, and no guess where there is no proof."""

from __future__ import annotations

import codecs
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.errors import UnreadableLogError
from traindx.readers.logfile import LogFile

CHINESE = "第 3 轮 训练损失: 2.31 验证准确率: 0.512 学习率 1e-4\n" * 30
SAMPLES = {
    "utf-8": CHINESE,
    "gb18030": CHINESE,
    "gbk": CHINESE,
    "utf-16-le": CHINESE + "step 100 loss 2.3\n" * 100,
    "shift_jis": "学習 損失: 2.31 検証 精度: 0.5 エポック 3\n" * 30,
    "euc_kr": "학습 손실: 2.31 검증 정확도 0.5 에포크 3\n" * 30,
    "cp1251": "потери обучения: 2.31 точность 0.5 эпоха 3\n" * 30,
    "latin-1": "perte d'entraînement: 2.31, précision 0.5, époque 3\n" * 30,
}


@pytest.mark.parametrize("encoding", SAMPLES)
def test_a_log_in_another_encoding_reads_as_what_was_written(encoding: str) -> None:
    log = LogFile("a.log", SAMPLES[encoding].encode(encoding))
    assert log.text == SAMPLES[encoding]
    assert log.encoding


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_is_obeyed_and_gone_also_from_the_bytes(mark: bytes, encoding: str) -> None:
    log = LogFile("a.csv", mark + CHINESE.encode(encoding))
    assert bytes(log.data) == CHINESE.encode()
    assert log.text == CHINESE
    assert log.encoding.startswith(encoding[:6])


def as_if(text: str, codec: str) -> str:
    """Read the UTF-8 bytes of ``text`` as ``codec``, undefined bytes as themselves, as browsers and editors do."""
    letters: list[str] = []
    for byte in text.encode():
        try:
            letters.append(bytes([byte]).decode(codec))
        except UnicodeDecodeError:
            letters.append(chr(byte))
    return "".join(letters)


@pytest.mark.parametrize("codec", ["mac_roman", "cp1252"])
@pytest.mark.parametrize("text", ["✅ loss × 3 → it’s fine\n", "训练损失: 2.31\n", "précision 0.5 après 3 époques\n"])
def test_text_that_was_decoded_wrongly_before_is_repaired(codec: str, text: str) -> None:
    log = LogFile("notes.txt", as_if(text, codec).encode())
    assert log.text == text
    assert log.encoding == f"utf-8 read as {codec} before, repaired"


@pytest.mark.parametrize(
    "text",
    ["√2 ≈ 1.414 – perte: 2.3\n", "épreuve «à» 3 × 4\n", "loss ↓ acc ↑ ✅\n", "Ã is a letter\n", "naïve café ÄÖÜ ß\n"],
)
def test_right_text_is_left_alone(text: str) -> None:
    log = LogFile("notes.txt", text.encode())
    assert (log.text, log.encoding) == (text, "utf-8")


@given(st.text(max_size=300).filter(lambda text: "\0" not in text))
def test_any_utf_8_text_without_proof_of_damage_survives(text: str) -> None:
    log = LogFile("a.log", b"." + text.encode("utf-8", "surrogatepass"))
    try:
        read = log.text
    except UnreadableLogError:
        return
    assert "repaired" in log.encoding or "\ufffd" in read or read == "." + text


@given(st.binary(max_size=500))
def test_any_bytes_give_text_or_a_refusal(data: bytes) -> None:
    try:
        outcome: str | UnreadableLogError = LogFile("a.log", data).text
    except UnreadableLogError as refusal:
        outcome = refusal
    assert isinstance(outcome, str) or (outcome.where == "a.log" and outcome.hint)


def test_a_few_broken_bytes_do_not_change_the_encoding_of_the_rest() -> None:
    data = CHINESE.encode()
    log = LogFile("a.log", data[:2000] + b"\xff\xfe" + data[2000:-1] + b"\xe8\xae")
    assert "训练损失" in log.text
    assert log.encoding == "utf-8 with broken bytes"


def test_binary_content_is_refused_by_name() -> None:
    with pytest.raises(UnreadableLogError, match="binary file of an unknown format") as caught:
        _ = LogFile("x.dat", bytes(range(256)) * 40).text
    assert "expected text" in caught.value.hint


def test_colours_progress_bars_and_form_feeds_are_text() -> None:
    text = "\x1b[32mstep 1\x1b[0m loss 2.3\r\x08\x0cstep 2\n" * 50
    assert LogFile("a.log", text.encode()).text == text


def test_decoding_takes_linear_time() -> None:
    small, large = ("é" * 50 + "Ã©" * 50 + "\n") * 300, ("é" * 50 + "Ã©" * 50 + "\n") * 30_000
    began = time.process_time()
    assert LogFile("a", large.encode()).text
    assert LogFile("a", small.encode()).text
    assert time.process_time() - began < 5
