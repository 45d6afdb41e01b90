"""The JSON that each service takes."""

from __future__ import annotations

import json
from typing import Any

from traindx.live.notices.address import Form
from traindx.live.notices.notice import Notice


def body_of(notice: Notice, form: Form) -> bytes:
    """Return the body of a POST request in the form of a service.

    Names and headlines come out of a log: where a service has a markup, what is markup in it is made plain.
    """
    told: dict[str, Any]
    plain = f"{notice.title}\n{notice.text}"
    if form == "slack":
        told = {"text": _slack(plain)}
    elif form == "discord":
        told = {"content": _discord(plain), "allowed_mentions": {"parse": []}}
    elif form == "feishu":
        told = {"msg_type": "text", "content": {"text": _without_tags(plain)}}
    elif form in ("dingtalk", "wecom"):
        told = {"msgtype": "text", "text": {"content": plain}}
    else:
        told = {
            "schema_version": "1",
            "title": notice.title,
            "text": notice.text,
            "level": notice.level,
            "run": notice.run,
            "step": notice.step,
            "codes": list(notice.codes),
        }
    return json.dumps(told, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _slack(text: str) -> str:
    """Slack reads <...> as links and mentions, such as <!channel>."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _discord(text: str) -> str:
    """No mention is parsed; backticks and stars would only change the look."""
    return text[:2000]


def _without_tags(text: str) -> str:
    """Feishu reads <at user_id="all"> as a mention of everybody."""
    return text.replace("<", "‹").replace(">", "›")
