"""The parameters that several families share, spelled as the facts of a run."""

from __future__ import annotations

from dataclasses import replace

from traindx.baselines.families.family import Parameter

BATCH = Parameter(
    name="batch_size", type="int", meaning="items per batch on one device", aliases=("batch", "b", "bs"), example="256"
)
SAMPLES = Parameter(
    name="num_samples", type="int", meaning="items in one epoch of the split", aliases=("samples", "n"), example="5000"
)
CLASSES = Parameter(
    name="num_classes",
    type="int",
    meaning="classes or tokens that the softmax ranges over",
    aliases=("classes", "c", "vocab", "vocab_size"),
    example="1000",
)
VOCAB = Parameter(
    name="vocab_size",
    type="int",
    meaning="tokens that the softmax ranges over",
    aliases=("vocab", "v", "classes", "num_classes"),
    example="50257",
)
GALLERY = Parameter(
    name="gallery_size",
    type="int",
    meaning="items that each query is ranked against",
    aliases=("gallery", "n", "num_samples", "samples"),
    example="1000",
)
POSITIVES = Parameter(
    name="positives", type="int", meaning="right items per query", default=1, aliases=("p", "num_positives")
)
QUERIES = Parameter(name="queries", type="int", meaning="queries averaged over", aliases=("num_queries",))
CUTOFF = Parameter(name="k", type="int", meaning="cut-off rank", default=1, aliases=("top_k", "at"))
DIM = Parameter(name="dim", type="int", meaning="embedding dimension", aliases=("d", "embedding_dim", "hidden_size"))
TEMPERATURE = Parameter(
    name="temperature", type="float", meaning="divisor of the cosines", aliases=("tau", "t"), example="0.07"
)
WORLD = Parameter(
    name="world_size", type="int", meaning="devices", default=1, aliases=("world", "gpus", "devices", "num_gpus")
)
GATHER = Parameter(
    name="gather",
    type="bool",
    meaning="embeddings are gathered from all devices before scoring",
    default=False,
    aliases=("all_gather", "gather_with_grad"),
)
SMOOTHING = Parameter(
    name="label_smoothing",
    type="float",
    meaning="share of the label spread over all classes",
    aliases=("smoothing", "eps"),
)
PRIOR = Parameter(
    name="prior",
    type="floats",
    meaning="count or share of each class",
    aliases=("counts", "class_counts", "class_prior"),
    example="0.9,0.1",
)
POS = Parameter(
    name="pos",
    type="float",
    meaning="share of positives",
    aliases=("prior", "prevalence", "positive_rate"),
    example="0.02",
)
POS_WEIGHT = Parameter(name="pos_weight", type="float", meaning="weight of positives", default=1.0, aliases=("w",))
STD = Parameter(
    name="target_std",
    type="float",
    meaning="standard deviation of the targets, 1 where they are z-scored",
    required=True,
    aliases=("std", "sigma"),
    example="1",
)
ABS_DEVIATION = Parameter(
    name="target_abs_deviation",
    type="float",
    meaning="mean distance of the targets from their median, where it was measured",
)
SHAPE = Parameter(
    name="distribution",
    type="str",
    meaning="shape of the targets",
    default="normal",
    aliases=("shape",),
    choices=("binary", "laplace", "lognormal", "normal", "student3", "uniform"),
)
MARGIN = Parameter(name="margin", type="float", meaning="margin of the loss", aliases=("m",), example="0.3")
BETA = Parameter(name="beta", type="float", meaning="strength of the preference loss", default=0.1)

# Facts of a run that no family takes: known words, so that passing them is no mistake.
RUN_FACTS = frozenset(
    [
        "accumulate_grad_batches",
        "clip_norm",
        "dtype",
        "epochs",
        "grad_accum",
        "gradient_accumulation_steps",
        "learning_rate",
        "loss",
        "lr",
        "max_epochs",
        "max_steps",
        "model",
        "optimizer",
        "precision",
        "pretrained",
        "reduction",
        "schedule",
        "scheduler",
        "seed",
        "sequence_length",
        "total_steps",
        "warmup_steps",
        "weight_decay",
    ]
)


def required(parameter: Parameter) -> Parameter:
    """Return the parameter as one that must be given."""
    return replace(parameter, required=True)
