"""Services that are not webhooks, by apprise (extra ``notify``)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from traindx.errors import MissingExtraError, UsageError
from traindx.live.notices.address import Address
from traindx.live.notices.notice import Notice
from traindx.live.notices.webhook import DeliveryError


def checked(address: Address) -> Address:
    """Return the address if a service takes it. Raises ``UsageError`` where none does, ``MissingExtraError`` without apprise."""
    if address.form == "apprise" and _service(address) is None:
        raise UsageError(f"no service takes the address {address.name}", hint="see apprise's list of addresses")
    return address


def notify(notice: Notice, address: Address, timeout_s: float) -> None:
    """Send one notice by apprise, or raise ``DeliveryError``."""
    module, service = _apprise(), _service(address, timeout_s)
    if service is None:
        raise DeliveryError("no service takes this address", lasting=True)
    to = module.Apprise()
    to.add(service)
    kind = {"info": "info", "warning": "warning", "error": "failure"}[notice.level]
    try:
        arrived = to.notify(body=notice.text or notice.title, title=notice.title, notify_type=kind, body_format="text")
    except (OSError, TypeError, ValueError, RuntimeError) as problem:
        raise DeliveryError(type(problem).__name__) from None
    if not arrived:
        raise DeliveryError("the service did not take it")


def _service(address: Address, timeout_s: float | None = None) -> Any:
    module = _apprise()
    asset = module.AppriseAsset(storage_mode="memory", plugin_paths=[])
    service = module.Apprise.instantiate(address.url, asset=asset, suppress_exceptions=True)
    if service is not None and timeout_s is not None:
        service.socket_connect_timeout = service.socket_read_timeout = timeout_s
    return service


def _apprise() -> Any:
    try:
        return import_module("apprise")
    except ImportError:
        raise MissingExtraError("notices to services", package="apprise", extra="notify") from None
