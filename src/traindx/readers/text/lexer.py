"""Numbers in printed lines: where they begin, where they end, and what is glued to them."""

from __future__ import annotations

import re
from typing import Final

# A number does not begin inside a word (loss_0, R@1, top-5, v2.1). Thousands are grouped by commas. A bare nan or inf
# counts where a value can stand: "number of nan iterations" is no value, "loss: nan  grad_norm: nan" holds two.
_NOT_FINITE: Final = r"(?:[nN]a[nN]|NAN|[iI]nf(?:inity)?|INF)(?=[mu]?s\b|\b)(?![-\w.]*[=:(])"
# A value stands right behind a colon or an equals sign, with a sign and up to three blanks between.
_AFTER_SIGN: Final = r"|".join(rf"(?<=[:=][ \t]{{{blanks}}}{sign})" for blanks in range(4) for sign in ("", "[-+]"))
_NO_PROSE: Final = (
    r"(?![ \t]+(?:iter|grad|val|loss|step|detect|check|in\b|or\b|and\b|found|occur|batch|count|weights)"
    r"(?![A-Za-z]{0,12}[_/]\w{1,30}[ \t]{0,4}[:=]?[ \t]{0,4}[-+.\dnN]))"
)
_NUMBER: Final = (
    r"(?<![\w@.])(?<![A-Za-z]-)(?<!\.5:)(?<!\.50:)[-+]?(?:"
    r"\d{1,320}(?:(?:,\d{3}){1,8}(?!\d))?(?:\.\d{0,320})?(?:[eE][-+]?\d{1,9})?"
    r"|\.\d{1,320}(?:[eE][-+]?\d{1,9})?"
    rf"|(?:{_AFTER_SIGN}){_NOT_FINITE}"
    rf"|{_NOT_FINITE}{_NO_PROSE}"
    r")"
)
NUMBER: Final = re.compile(_NUMBER, re.ASCII)
NUMBER_PIECES: Final = re.compile(b"(" + _NUMBER.encode() + b")")

# What may be glued to a number, or follow it after one space, without being the next name.
UNIT: Final = re.compile(
    r"(?: ?%|(?:ms|us|µs|ns|secs?|s|mins?|m|h|hrs?|[kKMGTB]i?[Bb]?|Hz|W|C|px|[xX]|it|imgs?|samples?|tok(?:en)?s?|GFLOPS"
    r"|TFLOPS?|nats|bits|dB)?(?:/(?:s|secs?|it|iter|step|batch|img|epoch|sample|GPU|gpu)\b)*)(?![A-Za-z0-9_@])"
    r"(?: ?[A-Za-z]{1,12}/(?:sec(?:ond)?|s|it|iter|step|batch|h|hour)\b"
    r"| (?:seconds|secs?|s|ms|MB|MiB|GB|GiB|hours?|hrs?|minutes?|min|days?|dB)(?=\s*(?:[,;|)\]}]|$|\s{2})))?"
)

# Digits that are not one value: clocks, dates, versions, addresses, and ranges such as 0.5-1.0.
COMPOUND: Final = re.compile(
    r"\d{4}-\d\d?-\d\d?(?:[T ,_]\d\d?[:-]\d\d(?:[:-]\d\d)?(?:[.,]\d{1,9})?)?"
    r"|\d{1,2}/\d{1,2}/\d{2,4}(?!\d)|\d{4}/\d\d/\d\d"
    r"|(?:\d{1,4} days?,? )?\d{1,4}(?::\d\d){1,2}(?:[.,]\d{1,9})?(?![\d:])(?:<[\d:?]{1,12})?"
    r"|\d{1,4}(?:\.\d{1,6}){2,4}(?![\d.])"
    r"|\d{1,4}h ?\d{1,2}m(?:in)?(?: ?\d{1,2}s)?\b|\d{1,4}m ?\d{1,2}s\b|\d{1,3} days?\b"
)
RANGE: Final = re.compile(
    r"(?:[-+]?[\d.,]{1,20}(?:[eE][-+]?\d{1,3})?[k%xKM]?)(?:[-–—]|\s?(?:–|—|~|\.\.\.?)\s?|\s(?:to|→|->)\s)"
    r"[-+]?\d[\d.,]{0,20}(?:[eE][-+]?\d{1,3})?(?!\d|:\d)"
)
APPROXIMATE: Final = re.compile(r"(?:[~≈<≤≥≪≫±×÷^]|(?<![=-])>|<=|>=|\babout|\baround|\bup to)\s*\**\s*$")
THOUSAND: Final = re.compile(r"k(?![A-Za-z0-9_/])")
