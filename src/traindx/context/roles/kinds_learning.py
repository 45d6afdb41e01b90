"""The kinds that say how the optimiser, the policy or the representation behaves."""

from __future__ import annotations

from traindx.context.roles.kind import Kind

LEARNING: tuple[Kind, ...] = (
    Kind("learning_rate", "step size of the optimiser", None, "lr|learning rate|learningrate|lrate|lr rate|eta min lr"),
    Kind("weight_decay", "shrinkage of the weights", None, "wd|weight decay"),
    Kind("momentum", "momentum of the optimiser or of a teacher", None, "momentum|mom"),
    Kind(
        "grad_norm",
        "norm of the gradient",
        None,
        "grad norm|gnorm|gradient norm|grad gnorm|total norm|norm grad|gradnorm|grad # norm|global norm|grad norm #|norm of grad"
        "|grad l2|grad magnitude|norm",
    ),
    Kind("clip_rate", "share of steps whose gradient was clipped", None, "clip", "weak"),
    Kind("weight_norm", "norm of the weights", None, "weight norm|param norm|params norm|parameter norm|weights norm"),
    Kind("update_norm", "norm of the step", None, "update norm|update ratio|update to weight ratio"),
    Kind("zero_gradients", "gradient entries that are zero", None, "num zeros|zeros"),
    Kind(
        "loss_scale",
        "factor against fp16 underflow",
        None,
        "loss scale|amp scale|loss scaler|loss scaling|grad scale|scaler scale",
    ),
    Kind(
        "overflow",
        "steps thrown away because of infinite gradients",
        "lower",
        "overflow|overflows|skipped steps|skipped iterations|number of skipped iterations|skipped",
    ),
    Kind(
        "nan_count",
        "steps whose numbers were NaN",
        "lower",
        "number of nan iterations|nan iterations|nan count|num nan|nans",
    ),
    Kind(
        "loss_weight",
        "factor of a term of the loss",
        None,
        "coef|coeff|coefficient|loss weight|loss weights|lambda|beta|weight|kl weight|ent coef|entropy coef|ent coeff",
    ),
    Kind(
        "target_std",
        "spread of the targets",
        None,
        "target std|targets std|label std|y std|std of target|target stddev",
    ),
    Kind("target_mean", "mean of the targets", None, "target mean|label mean|y mean"),
    Kind(
        "setting",
        "a constant of the method",
        None,
        "clip range|clip range vf|discount|gamma|beta #|adam beta #|target kl",
    ),
    Kind(
        "logit_scale",
        "factor before the softmax of a contrastive loss",
        None,
        "logit scale|logits scale|log logit scale",
    ),
    Kind("logit_bias", "offset of a sigmoid contrastive loss", None, "logit bias"),
    Kind("temperature", "softness of a softmax", None, "temperature|teacher temp|temp|tau"),
    Kind(
        "gradient_statistic",
        "a statistic of one layer's gradient",
        None,
        "gradient mean|gradient std|gradients|gradient",
    ),
    Kind(
        "parameter_statistic",
        "a statistic of one layer's weights",
        None,
        "parameter mean|parameter std|parameters|param|params",
    ),
    Kind(
        "reward",
        "what the policy earns",
        "higher",
        "reward|rewards|rew|return|returns|ep rew|eprew|episode reward|episode return|episodic reward|episodic return|ep ret|discounted return",
    ),
    Kind(
        "reward_std",
        "spread of the rewards",
        None,
        "reward std|std reward|std return|return std|reward stddev|rewards std",
    ),
    Kind("reward_margin", "chosen minus rejected reward", "higher", "reward margin|rewards margins|margins|margin"),
    Kind(
        "zero_std_fraction",
        "share of groups whose rewards are all equal",
        "lower",
        "frac reward zero std|reward zero std|frac zero std|zero std ratio",
    ),
    Kind("entropy", "spread of a distribution", None, "entropy|policy entropy"),
    Kind(
        "kl", "divergence from the reference or the prior", None, "kl|kl div|kl divergence|mean kl|kl before|kl after"
    ),
    Kind("approx_kl", "estimated divergence of one policy update", None, "approx kl|approxkl|old approx kl"),
    Kind(
        "clip_fraction",
        "share of clipped policy ratios",
        None,
        "clip frac|clipfrac|clip fraction|clip ratio|pg clipfrac|vf clipfrac|clipfraction",
    ),
    Kind("truncation_rate", "share of completions cut off", "lower", "clipped ratio|truncated ratio|truncation rate"),
    Kind("policy_ratio", "new over old probability", None, "ratio"),
    Kind(
        "explained_variance",
        "share of the returns' variance that the critic explains",
        "higher",
        "explained variance|explained var|vf explained var|ev tdlam before|var explained",
    ),
    Kind("advantage", "how much better than expected an action was", None, "advantage|advantages"),
    Kind(
        "value_estimate",
        "what the critic expects",
        None,
        "q value|q values|qvals|vvals|value estimate|values|vf preds|v vals|q vals|v vals|q vals|mean q|qf 1 values|qf 2 values",
    ),
    Kind(
        "log_probability",
        "logarithm of a probability",
        None,
        "logps|logp|log prob|log probs|logprob|logprobs|log likelihood",
    ),
    Kind("logit", "raw score before a softmax", None, "logits|logit"),
    Kind(
        "exploration_rate", "share of random actions", None, "exploration rate|epsilon|exploration|time spent exploring"
    ),
    Kind(
        "episode_length",
        "steps of an episode",
        None,
        "ep len|eplen|episode length|episode len|episodic length|episode lengths",
    ),
    Kind(
        "completion_length",
        "tokens of an answer",
        None,
        "completion length|completions length|response length|completion lengths",
    ),
    Kind(
        "feature_std",
        "spread of embeddings over a batch",
        None,
        "feature std|embedding std|output std|emb std|rep std|avg output std|representation std|z std|features std|embeddings std",
    ),
    Kind(
        "codebook_perplexity",
        "codes in effective use",
        "higher",
        "codebook perplexity|code perplexity|vq perplexity|codebook ppl|codevector perplexity|prob perplexity|perplexity code",
    ),
    Kind(
        "codebook_usage",
        "share of codes in use",
        "higher",
        "codebook usage|codebook utilization|code usage|active codes|codebook util|num active codes|cluster usage|cluster use",
    ),
    Kind("dead_codes", "codes out of use", "lower", "dead codes|num dead codes|dead code"),
    Kind(
        "expert_load",
        "share of tokens that an expert gets",
        None,
        "expert load|expert # load|expert balance|tokens per expert|expert # balance|balance top|balance bottom",
    ),
    Kind(
        "expert_overflow",
        "tokens that found no room at an expert",
        "lower",
        "overflow expert|overflow expert #|dropped tokens|token drop rate|dropped fraction|drop fraction|drop rate",
    ),
    Kind(
        "expert_imbalance",
        "load of the fullest expert beside the mean",
        "lower",
        "max vio|max violation|load imbalance|expert imbalance",
    ),
    Kind("unused_experts", "experts that got nothing", "lower", "unused expert|unused experts|unused expert # count"),
    Kind(
        "loss_change",
        "difference of a loss before and after an update",
        None,
        "loss change|loss improvement|loss delta",
    ),
    Kind("termination_rate", "share of episodes that ended by themselves", None, "termination rate"),
    Kind(
        "sparsity",
        "share of zeros or of inactive units",
        None,
        "sparsity|active fraction|dead neurons|l 0|l0|frac active",
    ),
)
