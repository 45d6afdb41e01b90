"""The facts that a rule may need, as typed keys."""

from __future__ import annotations

from typing import Final

from traindx.context.keys import Key

# batches and their number
BATCH_SIZE: Final[Key[int]] = Key(
    "batch_size", "items in one step on one device: what one loss value is computed over before gathering"
)
BATCH_SIZE_GLOBAL: Final[Key[int]] = Key(
    "batch_size_global", "items in one update: batch_size x world_size x grad_accum"
)
WORLD_SIZE: Final[Key[int]] = Key("world_size", "devices that share one update")
GRAD_ACCUM: Final[Key[int]] = Key(
    "grad_accum", "batches added up before one update; it gives a contrastive loss no further negatives"
)
NEGATIVES: Final[Key[int]] = Key(
    "negatives", "candidates among which a contrastive loss picks the right one, the right one included"
)
QUEUE_SIZE: Final[Key[int]] = Key("queue_size", "items kept in a queue of negatives")
DROP_LAST: Final[Key[bool]] = Key("drop_last", "the last, shorter batch of an epoch is left out")
SHUFFLE: Final[Key[bool]] = Key("shuffle", "the training samples are shuffled anew in every epoch")
GATHER: Final[Key[bool]] = Key("gather", "embeddings are gathered from all devices before a contrastive loss")

# data
NUM_SAMPLES: Final[Key[int]] = Key("num_samples", "items of the training set")
NUM_VAL_SAMPLES: Final[Key[int]] = Key("num_val_samples", "items of the validation set")
GALLERY_SIZE: Final[Key[int]] = Key("gallery_size", "items that each query is ranked against")
QUERIES: Final[Key[int]] = Key("queries", "queries that a ranking metric is averaged over")
CAPTIONS_PER_ITEM: Final[Key[int]] = Key("captions_per_item", "right answers that each item of the gallery has")
POSITIVE_RATE: Final[Key[float]] = Key("positive_rate", "share of positives among the labels")
CLASS_PRIOR: Final[Key[str]] = Key("class_prior", "count or share of each class among the labels")
UNIGRAM_ENTROPY: Final[Key[float]] = Key(
    "unigram_entropy", "entropy of the token frequencies: the loss of a model that has learnt nothing else"
)
ACTIVE_FRACTION: Final[Key[float]] = Key(
    "active_fraction", "share of the entries that carry data; the rest is padding or background"
)
CLASS_WEIGHTS: Final[Key[str]] = Key("class_weights", "factor of each class in the loss")
TARGET_STD: Final[Key[float]] = Key("target_std", "standard deviation of the targets as the loss sees them")
TARGET_MEAN: Final[Key[float]] = Key("target_mean", "mean of the targets as the loss sees them")
TARGET_VARIANCE: Final[Key[float]] = Key("target_variance", "variance of the targets as the loss sees them")
TARGET_ABS_DEVIATION: Final[Key[float]] = Key(
    "target_abs_deviation", "mean distance of the targets from their median, as the loss sees them"
)
IMAGE_SIZE: Final[Key[int]] = Key("image_size", "side of the input picture")
LABEL_NOISE: Final[Key[float]] = Key("label_noise", "share of wrong labels")
MIXUP: Final[Key[float]] = Key("mixup", "alpha of mixup or cutmix; 0 is none")
TOKENS_PER_BYTE: Final[Key[float]] = Key("tokens_per_byte", "tokens that the tokeniser makes of one byte of text")

# outputs
NUM_CLASSES: Final[Key[int]] = Key("num_classes", "classes that the softmax ranges over")
VOCAB_SIZE: Final[Key[int]] = Key("vocab_size", "tokens that the softmax ranges over, padding of the table included")
NUM_QUERIES: Final[Key[int]] = Key("num_queries", "object queries of a set-prediction detector")
NUM_BOXES: Final[Key[float]] = Key("num_boxes", "objects per picture, on average")
AUX_LAYERS: Final[Key[int]] = Key("aux_layers", "decoder layers that carry a copy of the loss")
NUM_PROTOTYPES: Final[Key[int]] = Key("num_prototypes", "prototypes that a self-distillation loss chooses among")
CODEBOOK_SIZE: Final[Key[int]] = Key("codebook_size", "codes of a vector quantiser")
ACTION_DIM: Final[Key[int]] = Key("action_dim", "dimensions of an action")
NUM_ACTIONS: Final[Key[int]] = Key("num_actions", "actions that a policy chooses among")
EMBEDDING_DIM: Final[Key[int]] = Key("embedding_dim", "dimensions of the compared embeddings")
HIDDEN_SIZE: Final[Key[int]] = Key("hidden_size", "width of the model")
NUM_EXPERTS: Final[Key[int]] = Key("num_experts", "experts that a router chooses among")
TOP_K: Final[Key[int]] = Key("top_k", "experts that each token is sent to")

# loss
LOSS: Final[Key[str]] = Key("loss", "family of the main loss")
REDUCTION: Final[Key[str]] = Key("reduction", "how the loss of a batch is made one number")
AGGREGATION: Final[Key[str]] = Key(
    "aggregation", "whether a printed epoch value averages batches (each counting the same) or samples"
)
LABEL_SMOOTHING: Final[Key[float]] = Key("label_smoothing", "share of each label that is spread over all classes")
TEMPERATURE: Final[Key[float]] = Key("temperature", "divisor of the similarities before a softmax")
LOGIT_SCALE: Final[Key[float]] = Key("logit_scale", "factor of the similarities before a softmax: 1 / temperature")
MARGIN: Final[Key[float]] = Key("margin", "margin of a triplet, contrastive or angular loss")
GAMMA: Final[Key[float]] = Key("gamma", "exponent of the focal loss")
ALPHA: Final[Key[float]] = Key("alpha", "weight of the positives in the focal loss")
BETA: Final[Key[float]] = Key("beta", "strength of a preference or divergence term")
POS_WEIGHT: Final[Key[float]] = Key("pos_weight", "weight of the positives in a binary cross-entropy")
TARGET_ENTROPY: Final[Key[float]] = Key("target_entropy", "entropy that a policy is held to")
LOSS_WEIGHTS: Final[Key[str]] = Key("loss_weights", "factors of the terms of the loss, in the order of the log")
METRIC_SCALE: Final[Key[str]] = Key(
    "metric_scale", "whether accuracies and recalls are printed from 0 to 1 or from 0 to 100"
)
LOG_BASE: Final[Key[str]] = Key("log_base", "base of the logarithm in a cross-entropy")

# optimiser
OPTIMIZER: Final[Key[str]] = Key("optimizer", "rule that turns gradients into steps")
LR: Final[Key[float]] = Key("lr", "highest learning rate of the schedule")
SCHEDULE: Final[Key[str]] = Key("schedule", "shape of the learning rate over time")
WARMUP_STEPS: Final[Key[int]] = Key("warmup_steps", "steps over which the learning rate rises from zero")
TOTAL_STEPS: Final[Key[int]] = Key("total_steps", "updates that the run was planned for")
TOTAL_EPOCHS: Final[Key[float]] = Key("total_epochs", "passes over the data that the run was planned for")
STEPS_PER_EPOCH: Final[Key[int]] = Key("steps_per_epoch", "batches in one pass over the data")
EVAL_EVERY: Final[Key[int]] = Key("eval_every", "steps between two evaluations")
LOG_EVERY: Final[Key[int]] = Key("log_every", "steps between two printed lines")
CLIP_NORM: Final[Key[float]] = Key("clip_norm", "largest norm of the gradient that is let through; 0 is no clipping")
WEIGHT_DECAY: Final[Key[float]] = Key("weight_decay", "shrinkage of the weights per unit of learning rate")
DROPOUT: Final[Key[float]] = Key("dropout", "share of activations set to zero while training")
PRECISION: Final[Key[str]] = Key("precision", "number format of the forward and backward pass")
PRETRAINED: Final[Key[bool]] = Key("pretrained", "the weights come from an earlier training")
LORA: Final[Key[bool]] = Key("lora", "only low-rank adapters are trained")
SEED: Final[Key[int]] = Key("seed", "seed of the random numbers")
