"""The run under examination, with its roles and facts."""

from traindx.context.keys import Fact, FactValue, Key
from traindx.context.roles import Direction, Role, Split

__all__ = ["Direction", "Fact", "FactValue", "Key", "Role", "Split"]
