"""Where a notice goes: what an address means, and how it is named without the secrets in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, final
from urllib.parse import SplitResult, urlsplit

from traindx.errors import UsageError

VARIABLE: Final = "TRAINDX_NOTIFY"
Form = Literal["json", "slack", "discord", "feishu", "dingtalk", "wecom", "apprise"]

# Services that are posted to directly are known by their host, or by a word before the scheme: slack+https://chat.example/hooks/x.
_HOSTS: Final[Mapping[str, Form]] = {
    "hooks.slack.com": "slack",
    "discord.com": "discord",
    "discordapp.com": "discord",
    "open.feishu.cn": "feishu",
    "open.larksuite.com": "feishu",
    "oapi.dingtalk.com": "dingtalk",
    "qyapi.weixin.qq.com": "wecom",
}
_FORMS: Final[Mapping[str, Form]] = {
    "json": "json",
    "slack": "slack",
    "discord": "discord",
    "feishu": "feishu",
    "dingtalk": "dingtalk",
    "wecom": "wecom",
}
_WEB: Final = frozenset({"http", "https"})
# Schemes that no service of notices has, and that an opener of addresses might follow to files and other machines.
_NEVER: Final = frozenset(
    {"file", "ftp", "ftps", "gopher", "data", "javascript", "jar", "ldap", "dict", "local", "unix"}
)


@final
@dataclass(frozen=True, slots=True)
class Address:
    """One place that notices go to. Its text holds secrets: it is shown by ``name`` only, which holds none."""

    url: str
    form: Form
    name: str

    def __repr__(self) -> str:
        return f"Address({self.name!r})"


def address_of(text: str) -> Address:
    """Return what an address means. Raises ``UsageError`` for one that cannot be a place for notices, without showing it."""
    stripped = text.strip()
    scheme = stripped.partition(":")[0].lower()
    word, plus, web = scheme.partition("+")
    try:
        parts = urlsplit(stripped)
    except ValueError:
        raise UsageError("an address for notices cannot be read", hint="it looks like https://host/path") from None
    if scheme in _WEB or (plus and web in _WEB):
        return _webhook(stripped, parts, word if plus else "")
    if "://" not in stripped or not scheme.isascii() or not scheme.isalnum():
        raise UsageError(
            "an address for notices needs a scheme", hint="https://... for a webhook, slack://... for a service"
        )
    if scheme in _NEVER:
        raise UsageError(f"notices cannot go to {scheme}://", hint="a webhook is http:// or https://")
    return Address(stripped, "apprise", f"{scheme}://…")


def _webhook(text: str, parts: SplitResult, word: str) -> Address:
    host = (parts.hostname or "").lower()
    if not host:
        raise UsageError("the address of a webhook names no host", hint="it looks like https://host/path")
    if word and word not in _FORMS:
        raise UsageError(f"no form of message is called {word!r}", hint=f"one of {', '.join(_FORMS)}")
    if any(character.isspace() or ord(character) < 32 for character in text):
        raise UsageError("the address of a webhook has blanks in it")
    url = text[len(word) + 1 :] if word else text
    form: Form = _FORMS[word] if word else _HOSTS.get(host, "json")
    return Address(url, form, f"{parts.scheme.rpartition('+')[2]}://{host}/…")


def addresses_of(urls: str | Iterable[str] | None) -> tuple[Address, ...]:
    """Return the addresses in a list, or in one text with blanks or commas between, each once."""
    texts = urls.replace(",", " ").split() if isinstance(urls, str) else list(urls or ())
    return tuple(dict.fromkeys(map(address_of, texts)))


def addresses_of_environment() -> tuple[Address, ...]:
    """Return the addresses in ``TRAINDX_NOTIFY``, with blanks between. Raises ``UsageError`` as ``address_of`` does."""
    return addresses_of(os.environ.get(VARIABLE, "").split())
