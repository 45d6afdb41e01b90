"""What each rule says of causes: a rule that names a fault all but decides, one that sees its trace makes it likelier.

Marks are those of `CauseKind.signs`; a rule that passed speaks against the causes that it would have named (`evidence against`,
which the fit derives from these same signs).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "bad-initialisation": "BAS003=found++ BAS003=remark+ STA003=remark+",
        "bad-shard": "DAT003=found+++ DAT003=remark++ DAT004=found,remark+ SPK001=found++ SPK002=found+",
        "boxes-in-pixels": "DET005=found+++ DET005=remark++ DET006=found++ DET006=remark+ DET001=found++ DET001=remark+ BAS005=found+ BAS004=found+",
        "class-imbalance": "DET007=found++ GEN004=found+ BAS002=found++ BAS002=remark+ CKP004=remark+ DET008=found+",
        "codebook-collapse": "GNR005=found+++ GNR005=remark++",
        "data-loader-starved": "SYS002=found+++ SYS002=remark++ SYS005=found++ SYS005=remark+ SYS007=found,remark+",
        "dead-units": "OPT009=found+ BAS001=found+ DIV002=found+",
        "detached-tower": "OPT012=found+ RET006=found++ GNR001=found++ PRF001=found+",
        "discriminator-too-strong": "GNR001=found++ GNR001=remark+ GNR002=found-- GNR003=found--",
        "duplicates-in-batch": "PRO002=found,remark+",
        "empty-ground-truth": "DET003=found+++ DET003=remark++ DET004=found+++ DET004=remark++ DET007=found+ DET001=found,remark+",
        "frozen-parameters": "OPT012=found++ OPT012=remark+ PRO001=found+ BAS007=found+ BAS001=found+ PRF001=found++ GNR001=found+",
        "gradient-clipping-too-strong": "OPT003=found++ OPT003=remark++",
        "gradient-sign-flipped": "DIV001=found++ PRF006=found++ RLF006=found+ RLF005=found+ DIV006=found- DIV002=found--- PRO001=found+ STA004=found-",
        "label-noise": "GEN001=found+ GEN003=found,remark+ SEQ006=found-",
        "labels-masked-out": "SEQ005=found+++ SEQ005=remark++ PRF001=found++ BAS007=found+ RET002=found--",
        "labels-shifted": "SEQ003=found++ SEQ003=remark+ BAS004=found+ MET006=found+",
        "labels-shuffled": "SEQ003=found++ SEQ003=remark+ BAS004=found+ PRF006=found++ BAS001=found+",
        "learning-rate-too-high": "DIV001=found++ DIV002=found++ DIV003=found+ DIV004=found+ DIV005=found+ DIV006=found++ STA001=found++ STA002=found++ "
        "SPK003=found+ SPK001=found+ OPT010=found+ OPT011=found+ OPT013=found++ RLF008=found+ RLF004=found+ NAN003=found+ BAS001=found+",
        "learning-rate-too-low": "PRO003=found++ PRO004=found++ PRO004=remark+ OPT011=found+ OPT013=found++ PRO001=found+",
        "learning-rate-zero": "OPT001=found++",
        "memory-leak": "SYS004=found+++ SYS004=remark++ SYS001=found,remark+",
        "metric-reduction-bug": "MET001=found++ MET002=found++ MET003=found++ MET004=found++ MET005=found++ MET006=found+ MET008=found++ "
        "MET009=found++ MET010=found++ MET011=found++ LOG005=found+ LOG011=found+",
        "missing-warm-up": "STA004=found++ STA004=remark+ STA001=found+ STA002=found+ STA003=remark+ PRO001=found--",
        "missing-zero-grad": "OPT010=found++ OPT010=remark+ DIV006=found+",
        "mixed-streams-in-log": "LOG002=found++ LOG002=remark+ LOG003=found+++ LOG003=remark++ LOG004=found+++ LOG004=remark++ LOG005=found+",
        "model-too-small": "PRO002=found+ PRO002=remark+ GEN001=found-- GEN004=found--",
        "momentum-too-high": "DIV004=found+",
        "nan-in-data": "NAN001=found++ DIV002=found+ NAN004=found+ NAN005=found++ NAN002=found+",
        "no-reward-signal": "RLF001=found++ RLF001=remark+ RLF005=found+ RLF005=remark+ RLF003=found-",
        "no-shuffling": "DAT001=found++ DAT001=remark+ DAT004=found,remark+ DIV004=found+",
        "one-candidate-contrastive": "RET002=found+++ RET002=remark++",
        "overfitting": "GEN001=found++ GEN001=remark+ GEN003=found,remark+ GEN004=found++ PRO005=found++ PRO005=remark+ DAT002=found,remark+ "
        "CKP003=found,remark+ PRF004=found+",
        "policy-collapse": "RLF003=found+++ RLF003=remark++ RLF006=found+ RLF010=found+ RLF001=found+",
        "posterior-collapse": "GNR004=found+++ GNR004=remark++ GNR009=found,remark-",
        "precision-overflow": "AMP001=found+++ AMP001=remark++ AMP002=found+++ AMP002=remark++ AMP003=found+ AMP004=found+++ AMP004=remark++ "
        "AMP005=found+++ AMP005=remark++ AMP006=found++ AMP006=remark+ AMP007=found+ NAN003=found+",
        "reference-mismatch": "PRF002=found+++ PRF002=remark++ RLF004=found+ PRF001=found--",
        "representation-collapse": "BAS001=found++ RET001=found+ RET003=found++ RET003=remark+ SSL001=found++ SSL002=found+++ SSL003=found+++ SSL004=found+++ "
        "SSL005=found+++ SSL006=found++ MOE002=found+++ MOE002=remark++ MOE003=found+",
        "resume-without-optimizer-state": "LOG006=found+++ LOG006=remark++ LOG001=found+ LOG001=remark+ OPT016=found++ OPT016=remark+ OPT006=found,remark+",
        "schedule-ends-early": "OPT005=found+++ OPT005=remark++ OPT001=found+",
        "schedule-not-stepped": "OPT002=found++ OPT002=remark+ OPT015=found++ OPT015=remark+ OPT007=found++ OPT007=remark+",
        "stopped-too-early": "PRO003=found++ PRO003=remark+",
        "sum-reduction": "SCL001=found+++ SCL001=remark++ SCL002=found+ SCL002=remark+ BAS005=found++ BAS005=remark+ SCL003=found- DET005=found--",
        "target-leak": "SEQ004=found+++ SEQ004=remark++ GEN002=found+ GEN001=found--",
        "temperature-wrong": "RET004=found+++ RET004=remark++ RET003=found+ BAS003=found++",
        "train-validation-overlap": "GEN002=found++ GEN002=remark+ GEN005=found+++ GEN005=remark++ GEN006=found++ GEN006=remark+ GEN001=found-- GEN004=found--",
        "unnormalised-inputs": "BAS003=found++ BAS003=remark+ GEN004=found+",
        "unnormalised-targets": "SCL003=found+++ SCL003=remark++ BAS006=found++ BAS005=found++ BAS005=remark+",
        "unstable-loss-arithmetic": "NAN001=found++ NAN002=found++ GNR008=found++",
        "validation-mismatch": "GEN004=found+ DET009=found+ RET007=found+",
        "validation-set-too-small": "MET007=found++ MET007=remark+ CKP002=found,remark+",
        "weight-decay-too-strong": "OPT014=found+++ OPT014=remark++ OPT009=found-",
        "zero-initialisation": "OPT009=found++ OPT009=remark+ BAS001=found+ BAS007=found+ SEQ003=found+",
    }
)

_FINITE = frozenset(
    [
        "class-imbalance",
        "codebook-collapse",
        "data-loader-starved",
        "dead-units",
        "detached-tower",
        "discriminator-too-strong",
        "duplicates-in-batch",
        "empty-ground-truth",
        "frozen-parameters",
        "gradient-clipping-too-strong",
        "label-noise",
        "labels-shifted",
        "labels-shuffled",
        "learning-rate-too-low",
        "learning-rate-zero",
        "memory-leak",
        "mixed-streams-in-log",
        "model-too-small",
        "no-reward-signal",
        "no-shuffling",
        "one-candidate-contrastive",
        "overfitting",
        "padding-counted",
        "policy-collapse",
        "posterior-collapse",
        "representation-collapse",
        "schedule-ends-early",
        "schedule-not-stepped",
        "stopped-too-early",
        "target-leak",
        "train-mode-at-evaluation",
        "train-validation-overlap",
        "validation-mismatch",
        "validation-set-too-small",
        "weight-decay-too-strong",
        "wrong-loss-for-head",
        "zero-initialisation",
    ]
)
"""Causes under which all numbers stay finite."""

RULE_SIGNS: Mapping[str, str] = MappingProxyType(
    {cause: signs + (" NAN001=found--" if cause in _FINITE else "") for cause, signs in _SIGNS.items()}
    | dict.fromkeys(_FINITE - _SIGNS.keys(), "NAN001=found--")
)
"""Cause -> what rules say of it."""
