"""Settings: the values that files and log heads tell, each with its line, and nothing built or run."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traindx.readers.settings_files import settings_from_file, settings_from_text
from traindx.readers.yaml_subset import scalar


def told(path: str, text: str) -> dict[str, object]:
    return {s.name: s.value for s in settings_from_file(path, text.encode())}


YAML = """\
# written by a trainer
lr: 1e-4
model:
  name: "vit: base"   # the small one
  dims: [1, 2, 3]
  opt: {betas: 0.9, eps: 1.0e-08}
layers:
- 12
- name: x
  size: 3
note: |
  batch_size: 3
  lr: 9
args: !!python/object:argparse.Namespace
  seed: 1_000
  resume: null
amp: yes
url: http://host/path#part
'quoted key': -.inf
"""


def test_nested_yaml_gives_dotted_names_with_their_lines() -> None:
    found = settings_from_file("hparams.yaml", YAML.encode())
    assert {s.name: s.value for s in found} == {
        "lr": 1e-4, "model.name": "vit: base", "model.dims.0": 1, "model.dims.1": 2, "model.dims.2": 3,
        "model.opt.betas": 0.9, "model.opt.eps": 1e-8, "layers.0": 12, "layers.1.name": "x", "layers.1.size": 3,
        "args.seed": 1000, "args.resume": None, "amp": True, "url": "http://host/path#part",
        "quoted key": -math.inf,
    }  # fmt: skip
    lines = {s.name: s.source for s in found}
    assert lines["lr"] == "hparams.yaml:2"
    assert lines["layers.1.size"] == "hparams.yaml:10"


def test_the_value_wrapper_of_a_tracker_is_taken_off() -> None:
    text = "wandb_version: 1\n\n_wandb:\n  desc: null\n  value:\n    cli: 1\nlr:\n  desc: null\n  value: 0.1\nopt:\n  desc: null\n  value:\n    name: adam\n"
    assert told("config.yaml", text) == {"wandb_version": 1, "lr": 0.1, "opt.name": "adam"}


def test_json_gives_dotted_names_with_their_lines() -> None:
    text = json.dumps({"lr": 0.1, "model": {"lr": 2, "sizes": [3, 4]}, "name": "x", "bs": "32", "none": None}, indent=1)
    found = settings_from_file("config.json", text.encode())
    assert {s.name: s.value for s in found} == {
        "lr": 0.1, "model.lr": 2, "model.sizes.0": 3, "model.sizes.1": 4, "name": "x", "bs": 32, "none": None,
    }  # fmt: skip
    assert [s.source for s in found if s.name.endswith("lr")] == ["config.json:2", "config.json:4"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("-1e-4", -1e-4), ("1.", 1.0), (".5", 0.5), ("1_000", 1000), ("true", True), ("No", False), ("~", None),
     ("adam", "adam"), ("1.2.3", "1.2.3"), ("12:30", "12:30"), ("1e", "1e")],
)  # fmt: skip
def test_a_scalar_means_what_people_mean(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


HEAD = """\
[2024-01-01 10:00:00,123] INFO Namespace(lr=0.001, batch_size=64, name='a, b', betas=(0.9, 0.99), resume=None)
2024-09-19 20:36:19,623 - INFO - root - learning_rate = 0.01
micro_batch ...................... 256
  epochs: 10
{'optimizer': 'adamw', "bs": 3, 'warmup': 1e3}
+ python train.py --wd 1e-2 --grad-accum 4 --fp16 --model=vit optimizer.eps=1e-8 --api_key=abc
This is prose: it has many words in it
Epoch 1 step 1 loss: 3.2 lr: 0.1
after: 3
restarted with TrainConfig(seed=7)
"""


def test_settings_printed_at_the_head_of_a_log_are_found_with_their_lines() -> None:
    found = settings_from_text(HEAD, "a.log")
    assert {s.name: s.value for s in found} == {
        "lr": 0.001, "batch_size": 64, "name": "a, b", "resume": None, "learning_rate": 0.01, "micro_batch": 256,
        "epochs": 10, "optimizer": "adamw", "bs": 3, "warmup": 1000.0, "wd": 0.01, "grad-accum": 4, "fp16": True,
        "model": "vit", "optimizer.eps": 1e-8, "seed": 7,
    }  # fmt: skip
    assert {s.name: s.source for s in found}["wd"] == "a.log:6"


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.txt"])
@given(text=st.text(alphabet=" \n-:{}[]\"'#|>!&*abc=019.(),", max_size=400))
def test_any_text_gives_settings_or_none(name: str, text: str) -> None:
    for setting in settings_from_file(name, text.encode()):
        assert setting.source.startswith(f"{name}:")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "a:\n" + " a:\n" * 5000,
        "- " * 50_000,
        "a: {" * 20_000,
        "--a=" * 20_000,
        "Namespace(" + "a=b," * 5000,
        "x" * 900_000,
    ],
)
@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.txt"])
def test_hostile_settings_files_are_bounded(name: str, text: str) -> None:
    assert len(settings_from_file(name, text.encode())) <= 2_000


PROGRAM = """\
import torch
def step(group, lr: float = 3e-3):
    lr = group['lr']
class Adam(Optimizer):
    eps: float = 1e-9
@dataclass
class Hyperparameters:
    batch_size : int = 8*64 # sequences
    data : str = 'a/b.bin'
    scheme : str = pick(3)
x = 3
====================================================
optimizer = dict(type='SGD', lr=0.02, momentum=0.9)
model = dict(
    backend=find('nccl'),
    num_classes=80,
GPU = A100 80GB
step:1/100 train_loss:10.8
"""


def test_a_program_that_the_log_repeats_tells_only_its_class_of_settings() -> None:
    assert {s.name: s.value for s in settings_from_text(PROGRAM, "a.log")} == {
        "batch_size": 512, "data": "a/b.bin", "optimizer.type": "SGD", "optimizer.lr": 0.02, "optimizer.momentum": 0.9,
        "num_classes": 80, "GPU": "A100 80GB",
    }  # fmt: skip
