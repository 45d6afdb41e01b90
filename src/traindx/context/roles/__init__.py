"""From metric names to meanings."""

from traindx.context.roles.families import FAMILIES
from traindx.context.roles.kind import Kind
from traindx.context.roles.kinds import KINDS, METRIC_PREFERENCE
from traindx.context.roles.main_series import choose_main, choose_main_metric, components_of
from traindx.context.roles.notation import parse_role
from traindx.context.roles.resolver import resolve
from traindx.context.roles.role import Direction, Role, Split

__all__ = [
    "FAMILIES",
    "KINDS",
    "METRIC_PREFERENCE",
    "Direction",
    "Kind",
    "Role",
    "Split",
    "choose_main",
    "choose_main_metric",
    "components_of",
    "parse_role",
    "resolve",
]
