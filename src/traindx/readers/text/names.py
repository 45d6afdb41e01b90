"""What the words of a log mean to a reader: metric, counter, split, setting."""

from __future__ import annotations

import re
from typing import Final, Literal

Axis = Literal["step", "epoch", "inner", ""]

_EPOCH: Final = frozenset(
    {
        "epoch",
        "ep",
        "ep.",
        "epochs",
        "轮次",
        "轮",
        "第",
        "周期",
        "エポック",
        "에폭",
        "epoca",
        "época",
        "epoche",
        "эпоха",
    }
)
_STEP: Final = frozenset(
    {
        "step", "steps", "iter", "iters", "iteration", "iterations", "itr", "it", "update", "updates", "num updates", "s",
        "n updates", "nupdates", "timesteps", "total timesteps", "num timesteps", "timestep", "total num steps", "num steps",
        "timesteps total", "total steps", "total env steps", "totalenvsteps", "env step", "env steps", "training iteration",
        "global step", "globalstep", "iteration step", "步", "步数", "步骤", "迭代", "迭代次数", "ステップ", "шаг", "итерация", "schritt", "paso",
        "round", "trial", "episode", "episodes", "generation", "up.", "tick", "kimg",
    }
)  # fmt: skip
_INNER: Final = frozenset(
    {"batch", "minibatch", "mini batch", "batch idx", "batch id", "micro step", "batches", "批次", "批"}
)
_NOT_AXIS: Final = re.compile(
    r"\b(?:per|avg|average|time|total|max|num|number|warm\w*|every|best|last|skipped|of|in|took|size|remaining|per_\w+"
    r"|after|for|speed|duration|length|len|mean|each|lr|loss|next|nan|left|at|ms|until|save|log|eval_\w+|rate|from)\b"
)
_FILLER: Final = re.compile(
    r"^(?:\W|_)+|(?:\W|_)+$|^(?:train(?:ing)?|valid(?:ation)?|val|test(?:ing)?|eval(?:uation)?|global|current|finished|completed|done|end of|"
    r"start(?:ing)?|begin(?:ning)?(?: of)?|results? (?:for|of|at|after)|summary (?:for|of)|trainer|at|after|in|optimizer|model"
    r"|训练|验证|当前|optim)\b[\s:/_-]*"
)
_AT: Final = re.compile(
    r"\b(?:loss|metrics|results?|validation|evaluation|eval|val|test|accuracy)\b.*\b(?:at|on|after|for|in) (?:the )?(epoch|iteration|step|iter|update)$"
)
_ACRONYM: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

_METRIC: Final = re.compile(
    r"(?:loss|nll|ppl|perplexity|acc|accuracy|accuracies|top\d|error|err|f1|fscore|fmeasure|precision|recall|auc|auroc|mse|mae"
    r"|rmse|mape|logloss|log_loss|bce|iou|miou|dice|map|mrr|ndcg|bleu|rouge|wer|cer|reward|rewards|return|returns|score|norm"
    r"|gnorm|grad_?norm|kl|entropy|r2|psnr|ssim|fid|lpips|elbo|bpb|bpc|bpd|trl|tel|ce|xent|xe|cost|objective|margin|margins"
    r"|closs|eprewmean|rew|success|kappa|mcc|auprc|ap|ap50|ar|hits|spearman|pearson|correlation|corr|cross_?entropy"
    r"|损失|准确率|精度|误差|奖励|困惑度|召回率|損失|精度|정확도|손실|потери|точность|verlust|perte|p[eé]rdida)"
)
_METRIC_NAME: Final = re.compile(
    rf"(?:^|[^A-Za-z])(?:{_METRIC.pattern})(?:s)?(?=$|[^A-Za-z])|loss|损失|准确率|R@|(?:hit|recall|acc|map|p|mrr|ndcg)@|gnorm|reward"
    r"|accuracy|dice|_A$|_B$"
)
_SETTING: Final = re.compile(
    r"(?:^|[^a-z])(?:thr|thresh(?:old)?|eps|epsilon|weights?|coef|coeff|alpha|beta|beta\d|betas|gamma|lambda|type|fn|func|name"
    r"|path|dir|file|interval|every|freq|frequency|num|size|max_grad_norm|clip_norm|grad_clip|clip|clipping|warmup|seed|layers?"
    r"|hidden|dim|heads?|dropout|decay|patience|batch_size|workers?|version|scale|fp16|bf16|port|rank|world|gpus?|cuda|device"
    r"|kind|mode|use|enable[d]?|ratio|smoothing|target|goal|factor|reduction|params|parameters|best|min|max|threshold|limit"
    r"|init|start|end|delta|tolerance|tol|id|pid|index|period|power)(?:$|[^a-z])"
)
# Words of settings that are the name of a term before "loss": a CLIP loss, a scale loss, a ranking loss.
_TERM: Final = re.compile(
    r"(?:^|(?<=[^a-z]))(?:clip|scale|smoothing|ratio|heads?|layers?|rank|period|power|size|dim|mode|kind|index)[ _-]losse?s?$"
)
_SPLIT: Final = re.compile(
    r"(?<![A-Za-z])(?:(?P<val>val(?:id)?|validation|validating|validate|eval|evaluation|evaluating|evaluate|dev|验证集?|検証)"
    r"|(?P<test>test|testing|测试集?)|(?P<train>train|training|训练集?))(?![A-Za-z])",
    re.IGNORECASE,
)
_SPLIT_KEY: Final = re.compile(
    r"(?i)(?<![a-z])(?:val|valid|validation|eval|evaluation|dev|test|testing|train|training|tr|trn)(?![a-z])|验证|测试|训练"
)


def axis_of(phrase: str, *, separated: bool) -> Axis:
    """Return which axis ``phrase`` names; ``separated`` where a colon or bracket follows it, else a bare number."""
    words = _ACRONYM.sub(" ", phrase.strip()).lower()
    if len(words) > 40:
        return ""
    told = _AT.search(words)
    if told is not None:
        return _exact(told.group(1))
    plain = _plain(words)
    found = _exact(words if words in {"ep.", "up."} else plain)
    if found:
        return "" if plain in {"s", "ep", "it"} and not separated else found
    last = plain.rsplit(" ", 1)[-1] if " " in plain else ""
    if last and not separated and len(plain.split()) <= 4 and not _NOT_AXIS.search(plain):
        return _exact(last) if last not in {"s", "ep", "it", "第", "round", "trial"} else ""
    return ""


def _plain(words: str) -> str:
    spaced = re.sub(r"[\s_\-/.*=>#]+", " ", words).strip()
    for _ in range(3):
        shorter = _FILLER.sub("", spaced)
        if shorter == spaced or not shorter:
            break
        spaced = shorter
    return spaced


def _exact(plain: str) -> Axis:
    if plain in _EPOCH:
        return "epoch"
    if plain in _STEP:
        return "step"
    return "inner" if plain in _INNER else ""


def is_metric(name: str) -> bool:
    """Whether the name is one of a metric beyond doubt (``val_loss``), not of a setting (``loss_weight``)."""
    lowered = _ACRONYM.sub("_", name).lower()
    return bool(_METRIC_NAME.search(lowered) or _METRIC_NAME.search(name)) and not is_setting(name)


def is_rate(name: str) -> bool:
    """Whether the name is that of a learning rate."""
    return (
        re.fullmatch(r"(?i)(?:current[ _])?(?:lr|l\.r|learning[ _]?rate|学习率)(?:[/_-].{0,40})?", name.strip())
        is not None
    )


def is_setting(name: str) -> bool:
    """Whether the name is one that configurations use and training loops hardly print."""
    lowered = _ACRONYM.sub("_", name).lower()
    return _SETTING.search(_TERM.sub("loss", lowered)) is not None


def split_mark(text: str) -> str | None:
    """Return the split that the last marker word in ``text`` names: "val", "test", "" for train, None without one."""
    found: str | None = None
    for match in _SPLIT.finditer(text):
        found = "val" if match["val"] else "test" if match["test"] else ""
    return found


def is_split(name: str) -> bool:
    """Whether the name is nothing but the name of a split."""
    return _SPLIT.fullmatch(name.strip()) is not None


def says_split(name: str) -> bool:
    """Whether a metric's own name tells its split."""
    return _SPLIT_KEY.search(name) is not None
