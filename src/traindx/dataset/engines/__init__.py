"""Where statistics are computed: in one piece, in threads, in processes or on a Dask cluster, with one answer."""

from traindx.dataset.engines.choose import Engine, engine_named

__all__ = ["Engine", "engine_named"]
