"""A report as plain numbers by name, for loggers."""

from __future__ import annotations

from traindx.retrieval.report import Measure, RetrievalReport


def scalars(report: RetrievalReport, prefix: str = "") -> dict[str, float]:
    """Return every metric of both directions under names that all loggers take, as ``text_to_audio/recall_at_1``.

    Beside each metric stand its chance level and the ends of its interval (``..._chance``, ``..._low``, ``..._high``), and for each direction the size of its gallery.
    """
    found: dict[str, float] = {}
    for way in report.directions:
        head = prefix + _plain(way.name)
        for measure in way.measures:
            name = f"{head}/{metric_name(measure)}"
            found[name] = measure.value
            found[f"{name}_chance"] = measure.chance
            found[f"{name}_low"], found[f"{name}_high"] = measure.low, measure.high
        found[f"{head}/gallery_size"] = float(way.gallery_size)
    return found


def metric_name(measure: Measure) -> str:
    """Return the name of a metric in letters, digits and underscores: ``recall_at_1``, ``mrr``, ``ndcg_at_10``.

    Recall here is the share of queries with a right item among the first k; the mean share of right items found is ``recall_fraction_at_k``.
    """
    stem = {"hit_rate": "recall", "recall": "recall_fraction"}.get(measure.kind, measure.kind)
    return stem if measure.k is None else f"{stem}_at_{measure.k}"


def _plain(name: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in name)
