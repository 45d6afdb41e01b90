"""Posting to a webhook: one request, within a time, to the host that was named and no other."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from typing import Final

from traindx.live.notices.address import Address
from traindx.live.notices.bodies import body_of
from traindx.live.notices.notice import Notice

_AGAIN_LATER: Final = frozenset({408, 425, 429})


class DeliveryError(Exception):
    """A notice did not arrive. ``lasting`` where another attempt would end the same; the text holds no secret."""

    def __init__(self, why: str, *, lasting: bool = False) -> None:
        super().__init__(why)
        self.lasting = lasting


def post(notice: Notice, address: Address, timeout_s: float) -> None:
    """Send one notice to a webhook, or raise ``DeliveryError``.

    Redirects are not followed: the text goes to the host that was given. No other scheme than http and https is ever opened.
    """
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked when the address was read
        address.url,
        data=body_of(notice, address.form),
        headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "traindx"},
        method="POST",
    )
    try:
        _opener().open(request, timeout=timeout_s).close()  # what it answers besides the status is of no use
    except urllib.error.HTTPError as problem:
        problem.close()
        raise _refused(problem.code) from None
    except urllib.error.URLError as problem:
        raise DeliveryError(_reason(problem.reason)) from None
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise DeliveryError(_reason(problem)) from None


def _opener() -> urllib.request.OpenerDirector:
    """An opener of web pages only: none for files and FTP, none that follows redirects."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _refused(code: int) -> DeliveryError:
    if 300 <= code < 400:
        return DeliveryError(f"it answers with a redirect ({code}): give the address that it leads to", lasting=True)
    passing = code >= 500 or code in _AGAIN_LATER
    return DeliveryError(f"it answers with status {code}", lasting=not passing)


def _reason(problem: object) -> str:
    """The kind of a network error and its system text; never the message of another, which may quote the address."""
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    told = problem.strerror if isinstance(problem, OSError) else None
    return f"{type(problem).__name__}{f': {told}' if told else ''}"
