"""Ranking metrics from embeddings, beside their chance level and with confidence intervals."""

from traindx.retrieval.rank import rank
from traindx.retrieval.rank_table import RankTable, metrics_of
from traindx.retrieval.ranking import Ranking, Similarity, Ties
from traindx.retrieval.relevance import Relevance, by_row, from_groups, from_lists, from_pairs
from traindx.retrieval.relevance_files import read_relevance

__all__ = [
    "RankTable",
    "Ranking",
    "Relevance",
    "Similarity",
    "Ties",
    "by_row",
    "from_groups",
    "from_lists",
    "from_pairs",
    "metrics_of",
    "rank",
    "read_relevance",
]
