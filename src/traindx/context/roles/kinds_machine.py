"""The kinds that say how far, how fast and how large: never a loss, never a metric."""

from __future__ import annotations

from traindx.context.roles.kind import Kind

MACHINE: tuple[Kind, ...] = (
    Kind(
        "step_time",
        "seconds of one training step",
        None,
        "step time|batch t|batch time|iter time|iteration time|time per iteration|elapsed time per iteration|time step|step avg|s it|time per step|batch cost"
        "|step timing|step duration|forward time|backward time|optim step time|backward timing|time this iter|latency|iter s|train time per step|sec per step",
    ),
    Kind(
        "data_time",
        "seconds of one step spent waiting for data",
        None,
        "data time|data t|reader cost|data load time|data loading time|load time|data wait time|dataloader time",
    ),
    Kind("eta", "time left", None, "eta|time remaining|eta seconds|time left|training time remaining|hours left"),
    Kind(
        "wall_time",
        "time since the start",
        None,
        "time elapsed|elapsed|elapsed time|wall|wall time|wall clock time|wall clock|walltime|train wall|runtime|relative time|duration|time|time cost|cost time|timing|total duration|training time|serial time"
        "|epoch seconds|eval time|submission time|logging time|eval duration|ms|hours|minutes",
    ),
    Kind("timestamp", "clock time", None, "timestamp|date|datetime|created at"),
    Kind(
        "throughput",
        "work done per second",
        None,
        "per second|per sec|per s|fps|wps|ups|tps|ips|qps|sps|throughput|speed|samples per second|steps per second|tokens per second|per sec per gpu|words per sec|it per s"
        "|per second per gpu|per second per device|per s per gpu|tgs",
    ),
    Kind(
        "flops",
        "arithmetic done",
        None,
        "flops|tflops|gflops|total flos|flos|tflop|teraflops|tflops per sec|tflops per gpu|tflops per second",
    ),
    Kind("mfu", "share of the peak arithmetic", "higher", "mfu|hfu|flops utilization|model flops utilization"),
    Kind(
        "memory",
        "memory in use",
        None,
        "memory|mem|max mem|memory mb|gpu mem|gpu memory|peak memory|cuda gb|cached mem|mem allocated|mem reserved|memory gb|gb allocated|gb free|gb reserved|vram"
        "|memory usage|max memory|memory used|memory allocated|memory reserved|rss|max mem active|max mem allocated|memory percent|bytes",
    ),
    Kind(
        "hardware",
        "state of the machine",
        None,
        "gpu|cpu|disk|network|proc|power|watts|swap|power watts|fan|gpu util|gpu utilization|ane power|sm clock|utilization|preemption count|cuda ooms|oom|alloc retries",
    ),
    Kind(
        "num_samples_seen",
        "training samples used so far",
        None,
        "samples seen|consumed samples|consumed train samples|num samples seen|images seen|samples|num examples|examples seen|images",
        "weak",
    ),
    Kind(
        "num_tokens_seen",
        "tokens used so far",
        None,
        "tokens seen|num tokens|consumed tokens|input tokens seen|num input tokens seen|total tokens|tokens|ntokens|token count|n tokens",
        "weak",
    ),
    Kind(
        "env_steps",
        "environment steps so far",
        None,
        "total timesteps|env interacts|total env interacts|timesteps|timesteps total|env steps|total env steps|serial timesteps|environment steps|agent timesteps total|num env steps sampled|frames",
        "weak",
    ),
    Kind(
        "step",
        "position in training",
        None,
        "step|steps|iter|iters|iteration|iterations|global step|global steps|num updates|n updates|nupdates|update|updates|trainer global step|itr|number iterations|iterations since restore",
        "weak",
    ),
    Kind("epoch", "passes over the data", None, "epoch|epochs|num epochs", "weak"),
    Kind(
        "episodes", "episodes so far", None, "episodes|num episodes|episodes total|episodes this iter|episode", "weak"
    ),
    Kind("progress", "share of the training done", None, "progress|percent done|training progress", "weak"),
    Kind(
        "batch_size",
        "samples per step",
        None,
        "bsz|batch size|wpb|global batch size|current batch size|words per batch|batchsize",
    ),
    Kind(
        "sequence_length", "tokens per sample", None, "seq len|sequence length|seqlen|seq length|max length|min length"
    ),
    Kind("length", "length of something", None, "length|len|lengths", "weak"),
    Kind(
        "count",
        "a number of things",
        None,
        "count|counts|num|number|n|nb|number of|num losses|number of losses|total count|total weights|parameters count|num params|n parameters|num parameters|total num",
        "weak",
    ),
    Kind("size", "size of something", None, "size|sizes|numel", "weak"),
    Kind(
        "version",
        "version, identity or seed of something",
        None,
        "version|seed|uuid|id|pid|rank|local rank|port|hash",
        "weak",
    ),
    Kind("steps_behind", "steps that one process is behind the first", None, "steps behind"),
    Kind("silence", "seconds since one process gave a sign of life", None, "seconds silent"),
    Kind("patience", "evaluations without a new best", None, "patience|num bad epochs|bad epochs|epochs since best"),
)
