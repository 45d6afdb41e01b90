"""Words of other languages for the same quantities, as English words that the tables know."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final[dict[str, str]] = {
    # Chinese
    "训练集": "train", "验证集": "val", "测试集": "test", "训练": "train", "验证": "val", "测试": "test", "评估": "eval", "损失函数": "loss", "损失值": "loss", "损失": "loss",
    "准确率": "accuracy", "正确率": "accuracy", "准确度": "accuracy", "精度": "accuracy", "精确率": "precision", "查准率": "precision",
    "召回率": "recall", "查全率": "recall", "错误率": "error rate", "误差": "error", "学习率": "learning rate", "梯度范数": "grad norm",
    "梯度": "gradient", "困惑度": "perplexity", "轮次": "epoch", "轮数": "epoch", "轮": "epoch", "步数": "step", "步": "step",
    "迭代": "iteration", "耗时": "time elapsed", "剩余时间": "eta", "时间": "time elapsed", "奖励": "reward", "回报": "return",
    "平均": "average", "最大": "max", "最小": "min", "总": "total", "显存": "memory", "内存": "memory", "速度": "speed",
    "权重衰减": "weight decay", "温度": "temperature", "熵": "entropy", "交叉": "cross", "字错误率": "cer", "词错误率": "wer",
    "均方误差": "mse", "平均绝对误差": "mae", "交叉熵": "cross entropy", "排名": "rank", "批次": "batch",
    # Traditional Chinese
    "訓練": "train", "驗證": "val", "測試": "test", "損失": "loss", "準確率": "accuracy", "學習率": "learning rate",
    # Japanese
    "学習率": "learning rate", "学習": "train", "検証": "val", "テスト": "test", "評価": "eval", "正解率": "accuracy",
    "誤差": "loss", "適合率": "precision", "再現率": "recall", "エポック": "epoch", "ステップ": "step", "報酬": "reward",
    "エントロピー": "entropy", "パープレキシティ": "perplexity", "ロス": "loss",
    # Korean
    "손실": "loss", "정확도": "accuracy", "학습률": "learning rate", "학습": "train", "훈련": "train", "검증": "val",
    "테스트": "test", "에폭": "epoch", "보상": "reward",
    # Russian
    "потери": "loss", "точность": "accuracy", "обучение": "train",
}  # fmt: skip

# Words of Latin letters stand alone: "perte" is a loss, "experte" is not.
_LATIN: Final[dict[str, str]] = {
    "perdida": "loss", "pérdida": "loss", "perdua": "loss", "pèrdua": "loss", "perda": "loss", "perte": "loss", "verlust": "loss",
    "perdita": "loss", "kayip": "loss", "kayıp": "loss", "exactitud": "accuracy", "acuracia": "accuracy", "acurácia": "accuracy",
    "accuratezza": "accuracy", "genauigkeit": "accuracy", "dogruluk": "accuracy", "doğruluk": "accuracy",
    "recompensa": "reward", "belohnung": "reward", "epoca": "epoch", "época": "epoch", "epoche": "epoch", "epoque": "epoch", "époque": "epoch",
    "entrenamiento": "train", "treino": "train", "validacion": "val", "validación": "val", "validacao": "val", "validação": "val",
}  # fmt: skip
_LATIN_PATTERN: Final = re.compile(
    r"(?<![^\W_])(?:" + "|".join(sorted(map(re.escape, _LATIN), key=len, reverse=True)) + r")(?![^\W_])", re.IGNORECASE
)

_PATTERN: Final = re.compile("|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True)))


def to_english(name: str) -> str:
    """Return ``name`` with known words of other languages replaced, the longest first; anything else stays."""
    name = _LATIN_PATTERN.sub(lambda found: _LATIN[found[0].lower()], name)
    if name.isascii():
        return name
    return _PATTERN.sub(lambda found: f" {_WORDS[found[0]]} ", name)
