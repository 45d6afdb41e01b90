"""Forecasts as a JSON document of their own, for ``traindx predict``."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

import traindx.render.document_v1 as v1
from traindx.diagnosis import Outlook
from traindx.render.json_v1 import forecast_v1
from traindx.render.untrusted import storable


def forecasts_json(forecasts: Iterable[tuple[str, Outlook]], *, version: str) -> str:
    """Return named forecasts as a document of version 1: ``forecasts`` is a list, one object for each run."""
    told = [_named(run, forecast_v1(outlook)) for run, outlook in forecasts]
    document = v1.ForecastsV1(tool=v1.ToolV1(name="traindx", version=version), forecasts=told)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _named(run: str, forecast: v1.ForecastV1) -> v1.RunForecastV1:
    fields = {name: getattr(forecast, name) for name in forecast.__struct_fields__}
    return v1.RunForecastV1(run=storable(run), **fields)
