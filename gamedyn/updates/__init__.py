"""Update rules: how players move."""

from gamedyn.updates._base import Cost, LinearUpdateRule, UpdateRule, identity_like, per_matrix, per_point

__all__ = ["Cost", "LinearUpdateRule", "UpdateRule", "identity_like", "per_matrix", "per_point"]
