"""Sending one notice, now, in the thread that asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import final

from traindx.live.notices.address import Address, addresses_of
from traindx.live.notices.notice import Notice
from traindx.live.notices.services import checked, notify
from traindx.live.notices.webhook import DeliveryError, post

TIMEOUT_S = 10.0
"""Services answer within a second or two; one that has not in ten is down."""


@final
@dataclass(frozen=True, slots=True)
class Failure:
    """An address that a notice did not reach, by a name without secrets, and why. ``lasting``: trying again will not help."""

    name: str
    why: str
    lasting: bool = False


def send(
    notice: Notice, urls: str | Iterable[str] | Sequence[Address], *, timeout_s: float = TIMEOUT_S
) -> tuple[Failure, ...]:
    """Send ``notice`` to every address, once; return those that it did not reach.

    Raises ``UsageError`` for an address that makes no sense and ``MissingExtraError`` for one that needs apprise, before
    anything is sent; never for what the network does.
    """
    addresses = checked_addresses(urls)
    attempts = (attempt(notice, address, timeout_s) for address in addresses)
    return tuple(failure for failure in attempts if failure is not None)


def checked_addresses(urls: str | Iterable[str] | Sequence[Address] | None) -> tuple[Address, ...]:
    """Return the addresses, each known to be one that notices can go to."""
    if urls is None or isinstance(urls, str):
        return tuple(map(checked, addresses_of(urls)))
    given = list(urls)
    texts = [one for one in given if isinstance(one, str)]
    return tuple(map(checked, (*[one for one in given if isinstance(one, Address)], *addresses_of(texts))))


def attempt(notice: Notice, address: Address, timeout_s: float) -> Failure | None:
    """Send once to one address; return why it failed, or None."""
    try:
        (notify if address.form == "apprise" else post)(notice, address, timeout_s)
    except DeliveryError as problem:
        return Failure(address.name, str(problem), problem.lasting)
    except Exception as problem:  # noqa: BLE001 - the border to foreign services: whatever they raise is a notice that failed
        return Failure(address.name, type(problem).__name__)
    return None
