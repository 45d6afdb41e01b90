"""Notices: one message for a change of state, to a webhook or to any service, off the training thread."""

from traindx.live.notices.address import Address, address_of, addresses_of
from traindx.live.notices.gate import Cooldown, Gate
from traindx.live.notices.notice import LEVELS, Level, Notice, notice_of
from traindx.live.notices.notifier import Notifier, in_turn
from traindx.live.notices.sending import Failure, send

__all__ = [
    "LEVELS",
    "Address",
    "Cooldown",
    "Failure",
    "Gate",
    "Level",
    "Notice",
    "Notifier",
    "address_of",
    "addresses_of",
    "in_turn",
    "notice_of",
    "send",
]
