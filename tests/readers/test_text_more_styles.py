"""Log lines of further trainers and of the programs that start them, and the numbers that a person would read."""

from __future__ import annotations

import math

import numpy as np
import pytest

from traindx.readers import LogFile
from traindx.readers.choice import read_log
from traindx.run import Run

N = math.nan
Curves = dict[str, dict[float, float]]  # series, step, value


def read(text: str) -> Run:
    """Through all readers, so that none of them takes such a text for its own."""
    (run,) = read_log(LogFile(path="train.log", data=text.encode()))
    return run


# fmt: off
BAR = "━" * 20
COCO = " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = {}\n Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = {}\n Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = -1.000\n Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 10 ] = {}\n"
REPORT = "              precision    recall  f1-score   support\n\n         cat       0.50      1.00      0.67         1\n     class 1       0.00      0.00      0.00         1\n\n    accuracy                           {}         5\n   macro avg       0.50      0.56      {}         5\nweighted avg       0.70      0.60      0.61         5\n\n"
YOLO = "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n        {e}/3      2.25G      1.4      2.3      1.1         25        640:  12%|█▏        | 1/8 [00:01<00:05,  1.50it/s]\r        {e}/3      2.25G      1.{e}      2.3      1.1         25        640: 100%|██████████| 8/8 [00:05<00:00,  1.50it/s]\n                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95): 100%|██████████| 4/4 [00:01<00:00,  3.50it/s]\n                   all        128        929      0.633      0.521      0.60{e}      0.446\n"
STYLES: list[tuple[str, str, Curves]] = [
    ("PyTorch tutorial", "[1,  2000] loss: 2.234\n[1,  4000] loss: 1.834\n[2,  2000] loss: 1.434\n[2,  4000] loss: 1.334\nFinished Training\nAccuracy of the network on the 10000 test images: 55.5 %\n", {"loss": {2000: 2.234, 4000: 1.834, 6000: 1.434, 8000: 1.334}, "test accuracy": {8000: 55.5}}),
    ("Keras bars redrawn", "Epoch 1/2\n1/31 [>.............] - ETA: 5s - loss: 2.3\r10/31 [===>..........] - ETA: 2s - loss: 2.2\r31/31 [==============] - 2s 5ms/step - loss: 2.1 - val_loss: 2.0\nEpoch 2/2\n1/31 [>.............] - ETA: 5s - loss: 1.9\r31/31 [==============] - 2s 5ms/step - loss: 1.7 - val_loss: 1.8\n", {"loss": {1: 2.1, 2: 1.7}, "val_loss": {1: 2.0, 2: 1.8}}),
    ("Keras 3 on a terminal", f"Epoch 1/2\n  1/313 {BAR} 1:05 210ms/step - loss: 2.35\b\b\b\b\r 50/313 {BAR} 0s 1ms/step - loss: 1.35\r313/313 {BAR} 1s 2ms/step - loss: 0.52 - val_loss: 0.16\nEpoch 2/2\n313/313 {BAR} 1s 2ms/step - loss: 0.15 - val_loss: 0.12\n", {"loss": {1: 0.52, 2: 0.15}, "val_loss": {1: 0.16, 2: 0.12}}),
    ("COCO summaries", "Epoch: [0]\n" + COCO.format(0.123, 0.234, 0.25) + "Epoch: [1]\n" + COCO.format(0.223, 0.334, 0.35), {"AP": {0: 0.123, 1: 0.223}, "AP50": {0: 0.234, 1: 0.334}, "AR@10": {0: 0.25, 1: 0.35}}),
    ("COCO for pasting", "[03/04 09:12:33 d2.utils.events]:  eta: 0:12:31  iter: 19  total_loss: 2.186  lr: 0.002\n[03/04 09:12:50 d2.evaluation.testing]: copypaste: Task: bbox\n[03/04 09:12:50 d2.evaluation.testing]: copypaste: AP,AP50,APm\n[03/04 09:12:50 d2.evaluation.testing]: copypaste: 0.0000,0.0010,nan\n", {"total_loss": {19: 2.186}, "bbox/AP": {19: 0.0}, "bbox/AP50": {19: 0.001}}),
    ("a NaN among losses", "[03/04 09:12:33 d2.utils.events]:  iter: 19  total_loss: 2.186  loss_box: 0.7    time: 0.2\n[03/04 09:12:50 d2.utils.events]:  iter: 39  total_loss: nan  loss_box: 0.3    time: 0.2\n", {"total_loss": {19: 2.186, 39: N}, "loss_box": {19: 0.7, 39: 0.3}}),
    ("scikit-learn's report", "Epoch 1 loss: 0.5\n" + REPORT.format("0.60", "0.49") + "Epoch 2 loss: 0.4\n" + REPORT.format("0.70", "0.59"), {"loss": {1: 0.5, 2: 0.4}, "accuracy": {1: 0.6, 2: 0.7}, "macro avg f1-score": {1: 0.49, 2: 0.59}}),
    ("a confusion matrix", "Epoch 1 loss: 0.5\nConfusion matrix:\n[[50  2  3]\n [ 1 40  4]\n [ 0  2 60]]\nEpoch 2 loss: 0.4\n", {"loss": {1: 0.5, 2: 0.4}}),
    ("YOLO with bars redrawn", YOLO.format(e=1) + YOLO.format(e=2), {"box_loss": {1: 1.1, 2: 1.2}, "mAP50": {1: 0.601, 2: 0.602}, "P": {1: 0.633, 2: 0.633}}),
    ("a table of trials", "".join(f"== Status ==\n| Trial name | status   | loc               |   iter |   ts |   reward |\n|------------+----------+-------------------+--------+------+----------|\n| PPO_00000  | RUNNING  | 192.168.1.2:12345 |      {i} | {4000 * i} |    {20 * i}.5 |\n" for i in (1, 2)), {"reward": {1: 20.5, 2: 40.5}}),
    ("cross-validation of trees", "[0]\ttrain-rmse:0.49010+0.00110\ttest-rmse:0.49120+0.00210\n[1]\ttrain-rmse:0.39010+0.00110\ttest-rmse:0.40120+0.00210\n", {"train-rmse": {0: 0.4901, 1: 0.3901}, "test-rmse": {0: 0.4912, 1: 0.4012}}),
    ("boosting rounds", "      Iter       Train Loss   Remaining Time \n         1           1.2345            1.23s\n         2           1.1345            1.13s\n", {"Train Loss": {1: 1.2345, 2: 1.1345}}),
    ("spaCy", "E    #       LOSS TOK2VEC  LOSS NER  ENTS_F  SCORE \n---  ------  ------------  --------  ------  ------\n  0       0          0.00     65.23    0.00    0.00\n  0     200         51.23   1965.23   40.00    0.40\n", {"LOSS TOK2VEC": {0: 0, 200: 51.23}, "SCORE": {0: 0, 200: 0.4}}),
    ("Marian", "[2018-01-01 10:00:00] Ep. 1 : Up. 1000 : Sen. 64,000 : Cost 6.51 : Time 100.12s : L.r. 1.8750e-05\n[2018-01-01 10:01:00] Ep. 1 : Up. 2000 : Sen. 128,000 : Cost 5.51 : Time 100.12s : L.r. 1.7750e-05\n[2018-01-01 10:01:00] [valid] Ep. 1 : Up. 2000 : cross-entropy : 95.12 : new best\n", {"Cost": {1000: 6.51, 2000: 5.51}, "val/cross-entropy": {2000: 95.12}}),
    ("OpenNMT", "[2023-01-01 10:00:00,000 INFO] Step 50/1000; acc: 12.3; ppl: 123.4; xent: 4.8; lr: 0.00001; 1234/1345 tok/s; 10 sec;\n[2023-01-01 10:00:10,000 INFO] Step 100/1000; acc: 15.3; ppl: 103.4; xent: 4.6; lr: 0.00002; 1234/1345 tok/s; 20 sec;\n", {"acc": {50: 12.3, 100: 15.3}, "ppl": {50: 123.4, 100: 103.4}}),
    ("ESPnet", "".join(f"[gpu01] 2022-01-01 10:{e}0:00,000 (trainer:338) INFO: {e}epoch results: [train] loss_ctc={120 - e}.5, acc=0.{e}, loss={92 - e}.2, total_count=1000, [valid] loss={82 - e}.2, cer=0.{e}\n" for e in (1, 2)), {"loss": {1: 91.2, 2: 90.2}, "val/loss": {1: 81.2, 2: 80.2}, "val/cer": {1: 0.1, 2: 0.2}}),
    ("ESPnet in an epoch", "[gpu01] 2022-01-01 10:00:00,000 (trainer:702) INFO: 1epoch:train:1-50batch: iter_time=0.1, loss=92.2\n[gpu01] 2022-01-01 10:01:00,000 (trainer:702) INFO: 1epoch:train:51-100batch: iter_time=0.1, loss=82.2\n[gpu01] 2022-01-01 10:02:00,000 (trainer:702) INFO: 2epoch:train:1-50batch: iter_time=0.1, loss=72.2\n", {"loss": {50: 92.2, 100: 82.2, 150: 72.2}}),
    ("Kaldi", "LOG (nnet3-train[5.5]:PrintTotalStats():nnet-training.cc:348) Overall average objective function for 'output' is -3.1 over 24123 frames.\n", {"Overall objective for output": {0: -3.1}}),
    ("flair", "2021-01-01 10:00:00,000 epoch 1 - iter 10/100 - loss 3.12 - samples/sec: 100.12 - lr: 0.100000\n2021-01-01 10:01:05,000 DEV : loss 1.2345 - f1-score (micro avg)  0.5123\n", {"loss": {10: 3.12}, "val/loss": {10: 1.2345}}),
    ("Catalyst", "train (1/3) accuracy01: 0.5 | loss: 1.5 | lr: 0.001\nvalid (1/3) accuracy01: 0.6 | loss: 1.3 | lr: 0.001\n* Epoch (1/3) \ntrain (2/3) accuracy01: 0.6 | loss: 1.1 | lr: 0.001\nvalid (2/3) accuracy01: 0.7 | loss: 1.0 | lr: 0.001\n", {"loss": {1: 1.5, 2: 1.1}, "val/loss": {1: 1.3, 2: 1.0}}),
    ("Composer", "".join(f"[batch={b}/100]:\n\t Train time/epoch: 0\n\t Train time/batch: {b - 1}\n\t Train loss/train/total: 10.{9 - b}\n" for b in (1, 2)) + "[Eval batch=1/50] Eval on eval data\n[Eval batch=50/50] Eval on eval data:\n\t Eval metrics/eval/CrossEntropy: 10.5\n", {"Train loss/train/total": {1: 10.8, 2: 10.7}, "Eval metrics/eval/CrossEntropy": {2: 10.5}}),
    ("scores of a z-test are no losses", "step    1/100 | loss 10.9 (+nanz)| norm 15.3 (+nanz)| lr 1.00e-06 | 1234.12 ms | 35.1% bf16 MFU | 123456 tok/s\nstep    2/100 | loss 10.8 (+1.2z)| norm 15.1 (-0.3z)| lr 2.00e-06 | 1234.12 ms | 35.1% bf16 MFU | 123456 tok/s\n", {"loss": {1: 10.9, 2: 10.8}, "norm": {1: 15.3, 2: 15.1}, "lr": {1: 1e-6, 2: 2e-6}}),
    ("Tacotron", "Train loss 0 0.512345 Grad Norm 1.23 2.34s/it\nTrain loss 1 0.502345 Grad Norm 1.13 2.34s/it\nValidation loss 1: 0.412345  \n", {"Train loss": {0: 0.512345, 1: 0.502345}, "Validation loss": {1: 0.412345}}),
    ("loggers in front", "INFO:m:loss_disc=4.5, loss_gen=3.2\nINFO:m:loss_disc=4.4, loss_gen=3.1\n", {"loss_disc": {0: 4.5, 1: 4.4}, "loss_gen": {0: 3.2, 1: 3.1}}),
    ("functions in front", "2024-01-01 10:00:00.123 | INFO     | __main__:train:45 - step=1 loss=0.5\n2024-01-01 10:00:01.123 | INFO     | __main__:train:45 - step=2 loss=0.4\n", {"loss": {1: 0.5, 2: 0.4}}),
    ("files behind", "[10:00:00] INFO     step 1 loss 0.5                                   train.py:45\n[10:00:01] INFO     step 2 loss 0.4                                   train.py:45\n", {"loss": {1: 0.5, 2: 0.4}}),
    ("DGL", "In epoch 0, loss: 1.946, val acc: 0.162 (best 0.162), test acc: 0.153 (best 0.153)\nIn epoch 5, loss: 1.846, val acc: 0.262 (best 0.262), test acc: 0.253 (best 0.253)\n", {"loss": {0: 1.946, 5: 1.846}, "val acc": {0: 0.162, 5: 0.262}}),
    ("rounds with validation", "[  3/ 25] train_loss=0.5 val_loss=0.6\n[  4/ 25] train_loss=0.4 val_loss=0.5\n", {"train_loss": {3: 0.5, 4: 0.4}, "val_loss": {3: 0.6, 4: 0.5}}),
    ("dictionaries of losses", "Losses {'ner': 123.4}\nLosses {'ner': 113.4}\n", {"Losses/ner": {0: 123.4, 1: 113.4}}),
    ("a warning that repeats a NaN", "step 1 loss 2.0\nWARNING: loss is nan at step 2\nstep 2 loss nan\nstep 3 loss nan\n", {"loss": {1: 2, 2: N, 3: N}}),
    ("dictionaries over several lines", "{'accuracy': 0.4,\n 'loss': 2.5,\n 'step': 100}\n\n{'accuracy': 0.5,\n 'loss': 2.4,\n 'step': 200}\n", {"loss": {100: 2.5, 200: 2.4}, "accuracy": {100: 0.4, 200: 0.5}}),
    ("indented JSON among words", 'INFO Config: {\n  "lr": 0.1,\n  "epochs": 3\n}\nINFO metrics {\n  "loss": 0.5,\n  "step": 10\n}\nINFO metrics {\n  "loss": 0.4,\n  "step": 20\n}\n', {"loss": {10: 0.5, 20: 0.4}}),
    ("bars of two loops", "Epoch 1/3: 100%|████| 10/10 [00:01<00:00,  9.0it/s, loss=0.5]\nValidation: 100%|████| 5/5 [00:01<00:00,  9.0it/s, loss=0.6]\nEpoch 2/3: 100%|████| 10/10 [00:01<00:00,  9.0it/s, loss=0.4]\nValidation: 100%|████| 5/5 [00:01<00:00,  9.0it/s, loss=0.5]\n", {"loss": {10: 0.5, 20: 0.4}, "val/loss": {10: 0.6, 20: 0.5}}),
    ("a rate behind the validation", "[Epoch 1] train: loss=0.5 | val: loss=0.6 | lr=0.001\n[Epoch 2] train: loss=0.4 | val: loss=0.5 | lr=0.002\n", {"loss": {1: 0.5, 2: 0.4}, "val/loss": {1: 0.6, 2: 0.5}, "lr": {1: 0.001, 2: 0.002}}),
    ("names behind their numbers", "epoch 1: 0.5 train loss, 0.5 val loss\nepoch 2: 0.4 train loss, 0.6 val loss\n", {"train loss": {1: 0.5, 2: 0.4}, "val loss": {1: 0.5, 2: 0.6}}),
    ("steps in thousands", "step 1k loss 0.5\nstep 2k loss 0.4\n", {"loss": {1000: 0.5, 2000: 0.4}}),
    ("values that are not there", "iter 10 | loss train: 2.3, val: n/a | iter time: 12.5 ms\niter 20 | loss train: 2.2, val: 2.4 | iter time: 12.5 ms\n", {"loss train": {10: 2.3, 20: 2.2}, "val": {20: 2.4}, "iter time": {10: 12.5, 20: 12.5}}),
    ("evaluations of an estimator", "INFO:tensorflow:loss = 2.3, step = 100 (3.4 sec)\nINFO:tensorflow:global_step/sec: 29.4\nINFO:tensorflow:Saving dict for global step 200: accuracy = 0.91, global_step = 200, loss = 0.31\n", {"loss": {100: 2.3}, "val/accuracy": {200: 0.91}, "val/loss": {200: 0.31}}),
    ("names with an arrow", "Epoch: 1, Batch: 10/100, Loss: 2.77, Img->Txt acc: 12.5%, Txt->Img acc: 13.0%\nEpoch: 1, Batch: 20/100, Loss: 2.67, Img->Txt acc: 14.5%, Txt->Img acc: 15.0%\n", {"Loss": {10: 2.77, 20: 2.67}, "Img->Txt acc": {10: 12.5, 20: 14.5}}),
    ("a summary of layers", "        Layer (type)               Output Shape         Param #\n       BatchNorm2d-2           [-1, 64, 32, 32]             128\nTotal params: 11,173,962\nEpoch 1 loss 0.5\n", {"loss": {1: 0.5}}),
    ("averages of two loops", "".join(f"Epoch: [{e}]  [10/20]  eta: 0:00:10  loss: {9 - e}.5 ({9 - e}.6)\nAveraged stats: loss: {8 - e}.5 ({8 - e}.6)\nTest:  [ 0/50]  eta: 0:00:10  loss: 5.5 (5.5)\nAveraged stats: loss: {4 - e}.5 ({4 - e}.6)\n" for e in (0, 1)), {"test/loss (2)": {10: 4.5, 30: 3.5}}),
    ("boxes of a rule and words", "─────────────────────────\n  Validate metric   DataLoader 0\n─────────────────────────\n      val_acc          0.982\n     val_loss         0.0512\n─────────────────────────\n", {"val_acc": {0: 0.982}, "val_loss": {0: 0.0512}}),
]
# fmt: on


@pytest.mark.parametrize(("text", "curves"), [style[1:] for style in STYLES], ids=[style[0] for style in STYLES])
def test_each_series_has_the_points_that_a_person_would_read(text: str, curves: Curves) -> None:
    run = read(text)
    for name, points in curves.items():
        assert name in run.series, f"{name} is not among {list(run.series)}"
        assert run.series[name].steps.tolist() == pytest.approx(list(points))
        assert run.series[name].values.tolist() == pytest.approx(list(points.values()), nan_ok=True)


@pytest.mark.parametrize("name", ["precision", "recall", "f1-score", "support", "APs", "bbox/APm", "ETA", "bf16 MFU"])
def test_what_is_no_metric_of_the_run_gives_no_series(name: str) -> None:
    assert all(name not in read(text).series for _, text, _ in STYLES)


RANKED = [
    ("[rank0]:[INFO|2025-03-04 09:15:23] ", "[rank1]:[INFO|2025-03-04 09:15:23] "),
    ("\x1b[34m[rank0]\x1b[0m:\x1b[32m[INFO|2025-03-04 09:15:23]\x1b[0m ", "\x1b[34m[rank1]\x1b[0m:\x1b[32m[INFO|2025-03-04 09:15:23]\x1b[0m "),
    ("[default0]:", "[default1]:"),
    ("[1,0]<stdout>:", "[1,1]<stdout>:"),
    ("0: ", "1: "),
    ("trainer-worker-0 pytorch ", "trainer-worker-1 pytorch "),
]  # fmt: skip


@pytest.mark.parametrize("marks", RANKED, ids=[first.strip() for first, _ in RANKED])
def test_ranks_are_told_apart_however_their_lines_begin(marks: tuple[str, str]) -> None:
    text = "".join(
        f"{mark}step {i} loss {3 - i / 10 + rank / 7:.4f}\n" for i in range(6) for rank, mark in enumerate(marks)
    )
    run = read(text)
    assert run.series["loss"].steps.tolist() == list(range(6))
    assert run.series["loss [rank 1]"].values.tolist() == pytest.approx(
        [round(3 - i / 10 + 1 / 7, 4) for i in range(6)]
    )


FRONTS = ["2024-01-01T10:00:0{}.123456789Z ", "2024-01-01T10:00:0{}.123456789Z stderr F ", "trainer_1  | ", "Jan 01 10:00:0{} myhost python[1234]: ",
          "Mon Jan  1 10:00:0{} 2024 ", "2024-01-01 10:00:0{}+01:00 ", "2024-01-01 10:00:0{} CET | ", 'time="2024-01-01T10:00:0{}Z" level=info msg="train" ']  # fmt: skip


@pytest.mark.parametrize("front", FRONTS)
def test_what_a_container_or_a_service_puts_in_front_is_no_metric(front: str) -> None:
    run = read("".join(front.format(i) + f"step {i} loss {3 - i / 10:.2f}\n" for i in range(6)))
    assert list(run.series) == ["loss"]
    assert run.series["loss"].steps.tolist() == list(range(6))


def test_clocks_of_twelve_hours_know_morning_from_evening() -> None:
    run = read("[11:59:50 AM] step 1 loss 2.3\n[12:00:10 PM] step 2 loss 2.2\n[01:00:10 PM] step 3 loss 2.1\n")
    assert np.diff(run.series["loss"].wall_times).tolist() == [20, 3600]
