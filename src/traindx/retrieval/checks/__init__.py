"""What is asked of every set of embeddings, in the order of their codes."""

from traindx.retrieval.checks.batch_contradicts_gallery import BatchContradictsGallery
from traindx.retrieval.checks.collapsed_embeddings import CollapsedEmbeddings
from traindx.retrieval.checks.direction_far_worse import DirectionFarWorse
from traindx.retrieval.checks.few_directions import FewDirections
from traindx.retrieval.checks.hubs_crowd_the_first_places import HubsCrowdTheFirstPlaces
from traindx.retrieval.checks.identical_rows_cap_recall import IdenticalRowsCapRecall
from traindx.retrieval.checks.lengths_decide import LengthsDecide
from traindx.retrieval.checks.modality_gap import ModalityGap
from traindx.retrieval.checks.pairs_mismatched import PairsMismatched
from traindx.retrieval.checks.pairs_shifted import PairsShifted
from traindx.retrieval.checks.queries_without_items import QueriesWithoutItems
from traindx.retrieval.checks.ranks_at_chance import RanksAtChance
from traindx.retrieval.checks.subject import Agreement, Retrieval

EMBEDDING_CHECKS = (
    RanksAtChance,
    CollapsedEmbeddings,
    FewDirections,
    HubsCrowdTheFirstPlaces,
    ModalityGap,
    IdenticalRowsCapRecall,
    DirectionFarWorse,
    LengthsDecide,
    PairsMismatched,
    PairsShifted,
    QueriesWithoutItems,
    BatchContradictsGallery,
)

__all__ = ["EMBEDDING_CHECKS", "Agreement", "Retrieval"]
