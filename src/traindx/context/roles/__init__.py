"""From metric names to meanings."""

from traindx.context.roles.role import Direction, Role, Split

__all__ = ["Direction", "Role", "Split"]
