"""What loggers put before a line, and what else stands around printed metrics."""

from __future__ import annotations

import pytest

from traindx.readers import LogFile
from traindx.readers.choice import read_log
from traindx.run import Run


def read(text: str | bytes) -> Run:
    """Through all readers, so that none of them takes such a text for its own."""
    (run,) = read_log(LogFile(path="train.log", data=text.encode() if isinstance(text, str) else text))
    return run


def points(run: Run, name: str) -> list[float]:
    return [float(value) for value in run.series[name].values]


@pytest.mark.parametrize(
    "prefix",
    [
        "2020-09-02 13:28:04,330 - train_net.py[line:177] - INFO: ",
        "2020-09-02 13:28:04.330 | INFO     | trainer:after_iter:246 - ",
        "2020-09-02 13:28:04.330 | INFO     | __main__:<module>:9 - ",
        "2017-08-18 02:43:53,914:\t",
        "[08/01 21:35:02][INFO] test_net.py:  239: ",
        "2025-12-11 06:35:23.467\thazy-book-fin-02:0\tolmo.train:979\tINFO\t",
    ],
)
def test_the_place_in_the_program_that_prints_is_no_metric(prefix: str) -> None:
    run = read("".join(f"{prefix}epoch: {n}, loss: {3 - 0.5 * n}\n" for n in range(1, 5)))
    assert list(run.series) == ["loss"]
    assert points(run, "loss") == [2.5, 2.0, 1.5, 1.0]


def test_a_clock_before_a_colon_does_not_split_its_fraction() -> None:
    run = read("".join(f"2017-08-18 02:43:{n:02d},{900 + n}:\tLoss at step {n}: {9 - n / 10:.3f}\n" for n in range(60)))
    assert len(run.series["Loss"]) == 60
    assert run.series["Loss"].steps[-1] == 59


def test_a_log_that_was_emptied_while_it_was_written_is_read_behind_its_hole() -> None:
    lines = "".join(f"step {n} loss {4 - n / 100:.2f}\n" for n in range(700, 760))
    run = read(b"\0" * 11_000 + lines.encode())
    assert len(run.series["loss"]) == 60
    assert run.series["loss"].steps[0] == 700


def test_evaluations_that_look_like_training_are_told_by_their_heading_and_their_count() -> None:
    text = ""
    for epoch in (1, 2, 4):
        text += f"    Epoch {epoch}/4\n"
        text += "".join(f"    step {n:3d}/614 - loss: {2 / epoch - n / 1000:.4f}\n" for n in (10, 300, 614))
        text += "    Eval begin...\n"
        text += "".join(f"    step {n}/88 - loss: {1 / epoch + n / 1000:.4f}\n" for n in (10, 80, 88))
        text += "    Eval samples: 5606\n"
    run = read(text)
    assert [int(step) for step in run.series["loss"].steps] == [10, 300, 614, 624, 914, 1228, 1852, 2142, 2456]
    assert points(run, "val/loss") == [1.088, 0.588, 0.338]


def test_steps_from_zero_inside_epochs_do_not_meet_those_of_the_next() -> None:
    text = "".join(
        f"epoch:[ {e}/3 ] train step:{s:<4d} loss: {4 - e - s / 1000:.3f}\n" for e in (1, 2, 3) for s in (0, 100)
    )
    assert [int(step) for step in read(text).series["loss"].steps] == [0, 100, 200, 300, 400, 500]


def test_attempts_with_epochs_of_other_lengths_each_count_upwards() -> None:
    lengths = (71, 62, 62)
    text = "".join(
        f"2020-02-22 14:51:07,446 - __main__ - INFO - epoch {e} step {s}/{n} loss {1 / (1 + e + s / n):.4f}\n"
        for n in lengths
        for e in (0, 1)
        for s in range(0, n + 1, 10)
    )
    steps = read(text).series["loss"].steps
    assert int((steps[1:] < steps[:-1]).sum()) == 2


def test_the_score_of_a_java_trainer_is_its_loss() -> None:
    logger = "16:30:16.854 [main] INFO org.deeplearning4j.optimize.listeners.ScoreIterationListener - "
    run = read("".join(f"{logger}Score at iteration {n} is {0.9 - n / 1e4}\n" for n in range(0, 200, 50)))
    assert points(run, "loss") == pytest.approx([0.9, 0.895, 0.89, 0.885])
    assert [int(step) for step in run.series["loss"].steps] == [0, 50, 100, 150]


def test_rows_of_epochs_find_their_header_above_bars_and_results_of_another_table() -> None:
    text = "\x1b[34m\x1b[1mhyperparameters: \x1b[0mlr0=0.01, box=0.05, cls=0.5, obj=1.0, mixup=0.15\n"
    for epoch in range(4):
        text += "     Epoch   gpu_mem       box       obj       cls     total    labels  img_size\n"
        text += (
            ""
            if not epoch
            else f"                 all         195         882     0.0{epoch}       0.359     0.1{epoch}    0.01{epoch}\n"
        )
        text += "\n  0%|          | 0/38 [00:00<?, ?it/s]"
        for batch in (1, 38):
            row = f"     {epoch}/299     2.28G   0.066{8 - epoch}   0.0380         0    0.104{7 - epoch}       142       640"
            text += f"\r{row}: {100 * batch // 38}%|###| {batch}/38 [00:00<00:10,  3.67it/s]"
        text += "\n               Class      Images      Labels           P           R      mAP@.5  mAP@.5:.95: 100%|###| 7/7 [00:02<00:00,  2.9it/s]\n\n"
    run = read(text)
    assert points(run, "box") == [0.0668, 0.0667, 0.0666, 0.0665]
    assert points(run, "total") == [0.1047, 0.1046, 0.1045, 0.1044]
    assert points(run, "mAP@.5") == [0.11, 0.12, 0.13]
    assert not {"lr0", "mixup"} & set(run.series)


def test_chunks_of_named_entities_are_told_apart_by_class_and_by_split() -> None:
    text = ""
    for n in range(3):
        for split, base in (("dev", 80), ("test", 70)):
            lines = (
                f"evaluate:{split}",
                "processed 74542 tokens with 5600 phrases; found: 6737 phrases; correct: 4833.",
                f"accuracy:  {base + n}.28%; precision:  {base + n}.09%; recall:  {base + n}.98%; FB1:  {base + n}.51",
                f"           PARK: precision:  {base - n}.76%; recall:  {base - n}.19%; FB1:  {base - n}.62  5836",
            )
            text += "".join(f"2020-02-11 02:51:29,239 - log\\train.log - INFO - {line}\n" for line in lines)
    run = read(text)
    assert points(run, "val/F1") == [80.51, 81.51, 82.51]
    assert points(run, "test/F1") == [70.51, 71.51, 72.51]
    assert points(run, "val/PARK F1") == [80.62, 79.62, 78.62]


def test_the_first_and_the_first_five_answers_are_two_accuracies() -> None:
    text = "".join(
        f"INFO: ====Epoch: {n}/50,top 1 acc: 0.{n + 1}====\nINFO: ====Epoch: {n}/50,top 5 acc: 0.{n + 4}====\n"
        for n in range(4)
    )
    run = read(text)
    assert points(run, "top1 acc") == [0.1, 0.2, 0.3, 0.4]
    assert points(run, "top5 acc") == [0.4, 0.5, 0.6, 0.7]


def test_lists_of_a_printed_configuration_and_shapes_of_weights_are_no_metrics() -> None:
    head = "".join(
        f"    IOU_LABELS: [0, -1, {n}]\n    IOU_THRESHOLDS: [0.{n}, 0.7]\nINFO:  name = encoder/kernel:0, shape = (768, {n})\n"
        for n in (1, 2, 3)
    )
    run = read(head + "".join(f"iter {n} loss {3 - n / 10:.1f}\n" for n in range(5)))
    assert list(run.series) == ["loss"]


def test_a_bar_that_is_drawn_twice_at_a_step_tells_its_last_numbers() -> None:
    frames = [
        f"Training progress:   8%|8         | {n}/300 [00:23<05:56, 77.26it/s, Loss={loss:.3f}, psnr=23.4]"
        for n in range(10, 100, 10)
        for loss in (1 / (n - 5), 1 / n)
    ]
    for between in ("\r", "\n"):
        run = read(between.join(frames) + "\n")
        assert [int(step) for step in run.series["Loss"].steps] == list(range(10, 100, 10))
        assert points(run, "Loss") == pytest.approx([1 / n for n in range(10, 100, 10)], abs=6e-4)
