"""Ranking metrics from embeddings, beside their chance level and with confidence intervals."""

from traindx.retrieval.batch import BatchBound, batch_bound, least_accuracy, least_loss
from traindx.retrieval.checks import EMBEDDING_CHECKS, Retrieval
from traindx.retrieval.comparison import compare
from traindx.retrieval.encoders import EncoderComparison, EncoderDifference, EncoderRow, Luck, Standing
from traindx.retrieval.evaluate import BatchLoss, evaluate
from traindx.retrieval.metrics import first_ranks as ranks_of
from traindx.retrieval.other_sizes import AtSize, hits_at_size, recall_at_size
from traindx.retrieval.rank import rank
from traindx.retrieval.rank_table import RankTable, metrics_of
from traindx.retrieval.ranking import Ranking, Similarity, Ties
from traindx.retrieval.relevance import Relevance, by_row, from_groups, from_lists, from_pairs
from traindx.retrieval.relevance_files import read_relevance
from traindx.retrieval.report import Bin, Direction, Measure, RetrievalReport
from traindx.retrieval.scalars import metric_name, scalars
from traindx.retrieval.streaming import RetrievalMetric
from traindx.retrieval.words import multiple, nearly_whole, probability

__all__ = [
    "EMBEDDING_CHECKS",
    "AtSize",
    "BatchBound",
    "BatchLoss",
    "Bin",
    "Direction",
    "EncoderComparison",
    "EncoderDifference",
    "EncoderRow",
    "Luck",
    "Measure",
    "RankTable",
    "Ranking",
    "Relevance",
    "Retrieval",
    "RetrievalMetric",
    "RetrievalReport",
    "Similarity",
    "Standing",
    "Ties",
    "batch_bound",
    "by_row",
    "compare",
    "evaluate",
    "from_groups",
    "from_lists",
    "from_pairs",
    "hits_at_size",
    "least_accuracy",
    "least_loss",
    "metric_name",
    "metrics_of",
    "multiple",
    "nearly_whole",
    "probability",
    "rank",
    "ranks_of",
    "read_relevance",
    "recall_at_size",
    "scalars",
]
