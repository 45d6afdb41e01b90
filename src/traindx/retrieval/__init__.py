"""Ranking metrics from embeddings, beside their chance level and with confidence intervals."""

from traindx.retrieval.ranking import Ranking, Ties

__all__ = ["Ranking", "Ties"]
