"""The kinds that say how good a model is."""

from __future__ import annotations

from traindx.context.roles.kind import Kind

QUALITY: tuple[Kind, ...] = (
    Kind(
        "loss",
        "what the optimiser lowers, or a term of it",
        "lower",
        "loss|losses|cost|l pix|lossfn",
    ),
    Kind(
        "accuracy",
        "share of answers that are right",
        "higher",
        "acc|accuracy|accuracies|prec #|prec at #|top # acc|top # accuracy|top k accuracy"
        "|top k categorical accuracy|correct rate|pixel acc|pixel accuracy|aacc|macc|mean acc|k nn|knn",
    ),
    Kind(
        "error_rate",
        "share of answers that are wrong",
        "lower",
        "error|err|error rate|class error|merror|eer",
    ),
    Kind("cardinality_error", "wrong number of objects", "lower", "cardinality error"),
    Kind(
        "balanced_accuracy",
        "accuracy averaged over classes",
        "higher",
        "balanced accuracy|balanced acc|bacc|uar",
    ),
    Kind(
        "reward_accuracy",
        "share of pairs whose chosen answer scores higher",
        "higher",
        "reward accuracy|rewards accuracies",
    ),
    Kind("precision", "share of detections that are right", "higher", "precision|prec"),
    Kind(
        "recall",
        "share of positives that are found",
        "higher",
        "recall|sensitivity|tpr|true positive rate",
    ),
    Kind(
        "specificity",
        "share of negatives that are left alone",
        "higher",
        "specificity|tnr",
    ),
    Kind(
        "false_negative",
        "share of positives that are missed",
        "lower",
        "false negative|false negatives|fnr",
    ),
    Kind(
        "false_positive",
        "share of negatives that are taken",
        "lower",
        "false positive|false positives|fpr",
    ),
    Kind(
        "f1",
        "harmonic mean of precision and recall",
        "higher",
        "f1|f 1|f1 score|f1score|fscore|f score|fmeasure|f measure|f # score|fbeta",
    ),
    Kind(
        "auc", "area under the ROC curve", "higher", "auc|auroc|roc auc|rocauc|auc roc"
    ),
    Kind(
        "auprc",
        "area under the precision-recall curve",
        "higher",
        "auprc|aucpr|pr auc|auc pr|prauc",
    ),
    Kind("mcc", "Matthews correlation", "higher", "mcc|matthews correlation|matthews"),
    Kind("kappa", "agreement beyond chance", "higher", "kappa|cohen kappa|qwk"),
    Kind(
        "recall_at_k",
        "queries with a right item among the first k",
        "higher",
        "r at #|r #|recall at #|rank at #|cmc rank #",
    ),
    Kind(
        "precision_at_k",
        "right items among the first k",
        "higher",
        "p at #|precision at #",
    ),
    Kind(
        "hit_at_k",
        "queries with a hit among the first k",
        "higher",
        "hit at #|hits at #|hr at #|hit rate at #|hit rate",
    ),
    Kind("ndcg", "discounted cumulative gain", "higher", "ndcg"),
    Kind(
        "mrr",
        "mean reciprocal rank",
        "higher",
        "mrr|mean reciprocal rank|reciprocal rank",
    ),
    Kind(
        "median_rank",
        "median rank of the right item",
        "lower",
        "median rank|med r|medr|medianr|median r|mdr",
    ),
    Kind(
        "mean_rank",
        "mean rank of the right item",
        "lower",
        "mean rank|mean r|meanr|mnr|avg rank|average rank",
    ),
    Kind(
        "map",
        "mean average precision",
        "higher",
        "map|mean average precision|ap|aps|apm|apl|bbox ap|box map|mask map|coco eval bbox|coco eval masks",
    ),
    Kind(
        "average_precision",
        "average precision of one ranking",
        "higher",
        "average precision",
    ),
    Kind(
        "average_recall",
        "recall averaged over overlaps",
        "higher",
        "ar|mar|average recall|mean average recall",
    ),
    Kind(
        "iou",
        "overlap of prediction and truth",
        "higher",
        "iou|miou|mean iou|mean io u|io u|jaccard|m iou|fwiou",
    ),
    Kind(
        "dice",
        "overlap, twice the intersection",
        "higher",
        "dice|mdice|fg dice|foreground dice|global foreground dice|mean fg dice|pseudo dice|dice score|dice coef|dice coefficient|dsc",
    ),
    Kind("pq", "panoptic quality", "higher", "pq|panoptic quality"),
    Kind(
        "hausdorff",
        "distance of two outlines",
        "lower",
        "hausdorff|hd 95|hd95|asd|assd",
    ),
    Kind("psnr", "peak signal to noise ratio", "higher", "psnr"),
    Kind("ssim", "structural similarity", "higher", "ssim|ms ssim"),
    Kind("snr", "signal to noise ratio", "higher", "snr|si snr|si sdr|sdr|sisdr|sisnr"),
    Kind("lpips", "perceptual distance", "lower", "lpips"),
    Kind(
        "fid", "distance of feature distributions", "lower", "fid|fid # k|fvd|kid|fad"
    ),
    Kind(
        "inception_score", "confident and varied samples", "higher", "inception score"
    ),
    Kind(
        "clip_score", "agreement of picture and text", "higher", "clip score|clipscore"
    ),
    Kind(
        "bleu",
        "n-gram precision against references",
        "higher",
        "bleu|sacrebleu|sacre bleu",
    ),
    Kind("rouge", "n-gram recall against references", "higher", "rouge"),
    Kind("meteor", "word match against references", "higher", "meteor"),
    Kind("cider", "consensus of captions", "higher", "cider|spice"),
    Kind("chrf", "character n-gram score", "higher", "chrf"),
    Kind(
        "bertscore",
        "embedding match against references",
        "higher",
        "bertscore|bert score",
    ),
    Kind("wer", "word error rate", "lower", "wer|word error rate"),
    Kind(
        "cer",
        "character error rate",
        "lower",
        "cer|character error rate|char error rate|per|phoneme error rate|ter",
    ),
    Kind(
        "exact_match",
        "share of answers equal to the reference",
        "higher",
        "exact match|em score|exact",
    ),
    Kind("pass_at_k", "tasks solved within k tries", "higher", "pass at #"),
    Kind(
        "success_rate",
        "share of tasks done",
        "higher",
        "success rate|success|solve rate",
    ),
    Kind("win_rate", "share of comparisons won", "higher", "win rate|winrate"),
    Kind(
        "score",
        "a score whose scale the name does not tell",
        "higher",
        "score|elo",
        "weak",
    ),
    Kind("perplexity", "e to the cross-entropy", "lower", "ppl|perplexity"),
    Kind(
        "bits_per_byte",
        "cross-entropy over bytes, in bits",
        "lower",
        "bpb|bits per byte|bpc|bits per char|bits per character",
    ),
    Kind(
        "bits_per_dim",
        "density loss per dimension, in bits",
        "lower",
        "bpd|bits per dim|bits dim",
    ),
    Kind(
        "mse",
        "mean squared error",
        "lower",
        "mse|mse error|mean squared error|squared error",
    ),
    Kind(
        "rmse",
        "root of the mean squared error",
        "lower",
        "rmse|root mean squared error|rmsle|rms error",
    ),
    Kind(
        "mae",
        "mean absolute error",
        "lower",
        "mae|mean absolute error|abs error|abs rel|epe",
    ),
    Kind(
        "mape",
        "mean absolute error in percent",
        "lower",
        "mape|smape|mean absolute percentage error|mase|wape",
    ),
    Kind(
        "r2",
        "share of the variance explained",
        "higher",
        "r2|r 2|r squared|r2 score|r sq",
    ),
    Kind(
        "pearson",
        "linear correlation",
        "higher",
        "pearson|pearsonr|correlation|corr|pcc",
    ),
    Kind(
        "spearman",
        "rank correlation",
        "higher",
        "spearman|spearmanr|kendall|kendall tau",
    ),
    Kind(
        "cosine_similarity",
        "cosine of two vectors",
        None,
        "cosine similarity|cos sim|cosine sim|cosine",
        "weak",
    ),
    Kind(
        "calibration_error",
        "confidence against accuracy",
        "lower",
        "ece|calibration error|brier|brier score",
    ),
)
