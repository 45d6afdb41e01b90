"""What a log says before training begins: settings, not curves, and the facts that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from traindx.context.fact_table import facts_from_settings
from traindx.readers import LogFile
from traindx.readers.text_log import READER
from traindx.run import Run

BODY = "Epoch 1: loss=2.30 acc=0.11\nEpoch 2: loss=2.10 acc=0.21\n"


@dataclass(frozen=True)
class Head:
    name: str
    text: str
    facts: dict[str, object]
    body: str = BODY
    series: tuple[str, ...] = ("loss", "acc")


def read(text: str) -> Run:
    (run,) = READER.read(LogFile(path="train.log", data=text.encode()))
    return run


# fmt: off
HEADS = [
    Head("name: value", "samples: 50000\nepochs: 10\nbatch_size: 256\nlearning_rate: 1e-4\nnum_classes: 10\noptimizer: AdamW\n",
         {"num_samples": 50000, "total_epochs": 10, "batch_size": 256, "lr": 1e-4, "num_classes": 10, "optimizer": "adamw"}),
    Head("pairs on one line, and the rate again in the body", "batch_size=256 lr=1e-4 optimizer=AdamW\n", {"batch_size": 256, "lr": 1e-4, "optimizer": "adamw"},
         "step 1 loss 2.3 lr 9e-5\nstep 2 loss 2.2 lr 8e-5\n", ("loss", "lr")),
    Head("argparse", "Namespace(lr=0.001, epochs=30, batch_size=128, opt='adamw', clip_grad=1.0, nb_classes=1000, sched='cosine')\n",
         {"lr": 1e-3, "total_epochs": 30, "batch_size": 128, "optimizer": "adamw", "clip_norm": 1.0, "num_classes": 1000, "schedule": "cosine"}),
    Head("a sentence", "Using lr 3e-4, batch size 64\n", {"lr": 3e-4, "batch_size": 64}),
    Head("a longer sentence", "Training for 10 epochs with batch size 64 and learning rate 0.001 on cuda\n", {"total_epochs": 10, "batch_size": 64, "lr": 1e-3}),
    Head("a configuration file echoed, with what overrides it", "batch_size = 64\nlearning_rate = 1e-3 # with small networks\nmax_iters = 5000\ntokens per iteration will be: 16,384\nfound vocab_size = 65 (inside data/meta.pkl)\nnumber of parameters: 10.65M\nnum decayed parameter tensors: 26, with 10,740,096 parameters\n",
         {"batch_size": 64, "lr": 1e-3, "total_steps": 5000, "vocab_size": 65}, "step 0: train loss 4.2874, val loss 4.2823\niter 0: loss 4.2654, time 30121.55ms\niter 10: loss 3.1402, time 20.31ms\n", ("train loss", "val loss", "loss", "time")),
    Head("words with spaces", "***** Running training *****\n  Num examples = 50,000\n  Num Epochs = 3\n  Instantaneous batch size per device = 8\n  Total train batch size (w. parallel, distributed & accumulation) = 64\n  Gradient Accumulation steps = 8\n  Total optimization steps = 2,343\n",
         {"num_samples": 50000, "total_epochs": 3, "batch_size": 8, "batch_size_global": 64, "grad_accum": 8, "total_steps": 2343},
         "{'loss': 2.5, 'learning_rate': 5e-5, 'epoch': 0.1}\n{'loss': 2.4, 'learning_rate': 4e-5, 'epoch': 0.2}\n", ("loss", "learning_rate")),
    Head("stamped parameters", "".join(f"2024-03-01,10:00:00 | INFO |   {pair}\n" for pair in ("batch_size: 256", "epochs: 32", "lr: 0.0005", "lr_scheduler: cosine", "train_num_samples: 10240", "world_size: 8")),
         {"batch_size": 256, "total_epochs": 32, "lr": 5e-4, "schedule": "cosine", "num_samples": 10240, "world_size": 8},
         "2024-03-01,10:00:00 | INFO | Train Epoch: 0 [   256/10240 (2%)] LR: 0.000010 Loss: 5.5452 (5.5452)\n", ("LR", "Loss", "Loss (avg)")),
    Head("quantities in prose", "Scheduled epochs: 310. LR stepped per epoch.\nLearning rate (0.05) calculated from base learning rate (0.1) and effective global batch size (128) with linear scaling.\n",
         {"total_epochs": 310, "lr": 0.05, "batch_size_global": 128}),
    Head("columns", "lr             = 0.001\nepochs         = 30\nn_classes      = 10\nloss           = cross_entropy\n=====================\n", {"lr": 1e-3, "total_epochs": 30, "num_classes": 10}),
    Head("a list", "- learning rate: 3e-4\n- batch size: 32\n- epochs: 5\n", {"lr": 3e-4, "batch_size": 32, "total_epochs": 5}),
    Head("a table", "| Parameter | Value |\n|---|---|\n| lr | 0.001 |\n| batch_size | 32 |\n\n", {"lr": 1e-3, "batch_size": 32}),
    Head("a dictionary", "{'lr': 0.001, 'batch_size': 32, 'optimizer': 'adam', 'epochs': 5}\n", {"lr": 1e-3, "batch_size": 32, "optimizer": "adam", "total_epochs": 5}),
    Head("cells", "Dataset: CIFAR-10 (50k images)\nBatch size: 128 | LR: 0.1 | Epochs: 200 | Optimizer: SGD\n", {"batch_size": 128, "lr": 0.1, "total_epochs": 200, "optimizer": "sgd"}),
    Head("counts", "Train samples: 50000, Val samples: 10000\nvocab size: 50257\nNumber of classes: 1000\n", {"num_samples": 50000, "vocab_size": 50257, "num_classes": 1000}),
    Head("a command", "torchrun --nproc_per_node=8 train.py --lr 1e-4 --batch-size 64 --epochs 30\n", {"lr": 1e-4, "batch_size": 64, "total_epochs": 30}),
    Head("options named like metrics", "margin: 0.2\nprecision: 16\ntemperature: 0.07\nentropy: 0.01\n", {"margin": 0.2, "temperature": 0.07}),
    Head("a word of prose before a pair", "Training with lr=0.1\n", {"lr": 0.1}),
    Head("a grid of options", "lr    batch_size  epochs\n0.1   32          10\n\n", {}),
    Head("a budget of steps", "max_steps: 1000\nsteps: 1000\n", {"total_steps": 1000}, "step 1: loss=2.30 lr=1e-5\nstep 2: loss=2.10 lr=1e-5\n", ("loss", "lr")),
]
# fmt: on


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_the_head_of_a_log_gives_facts_and_no_series(head: Head) -> None:
    run = read(head.text + head.body)
    assert tuple(run.series) == head.series
    facts = {fact.key: fact.value for fact in facts_from_settings(run.settings, log="train.log")}
    assert {name: facts.get(name) for name in head.facts} == head.facts


def test_a_setting_of_the_head_knows_its_line_and_keeps_the_series_of_its_name_whole() -> None:
    run = read("starting\nlr=3e-4 batch_size=8\nstep 1 loss 2.3 lr 1e-5\nstep 2 loss 2.2 lr 2e-5\n")
    assert {setting.name: setting.source for setting in run.settings} == {
        "lr": "train.log:2",
        "batch_size": "train.log:2",
    }
    assert run.series["lr"].values.tolist() == [1e-5, 2e-5]


def test_a_rate_printed_between_losses_is_a_series_even_before_the_first_loss() -> None:
    run = read("lr: 0.1\nloss: 2.0\nlr: 0.09\nloss: 1.9\nlr: 0.08\nloss: 1.8\n")
    assert run.series["lr"].values.tolist() == [0.1, 0.09, 0.08]


def test_a_single_epoch_heading_is_where_training_begins() -> None:
    run = read("Epoch 3\nlr: 0.01\ntrain_loss -0.12\n")
    assert run.series["train_loss"].steps.tolist() == [3]
    assert run.series["lr"].values.tolist() == [0.01]


def test_defaults_in_a_program_that_the_log_repeats_are_no_settings() -> None:
    program = "import torch\ndef train(batch_size=999, lr = 0.5):\n    num_classes = 77\n" + "=" * 40 + "\n"
    run = read(program + "batch_size=16 num_classes=10\n" + BODY)
    assert {setting.name: setting.value for setting in run.settings} == {"batch_size": 16, "num_classes": 10}
