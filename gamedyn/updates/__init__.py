"""Update rules: how players move.

===========================  =====================================  ====================================  ==============
class                        step                                   matrix or symbol on linear games      cost
===========================  =====================================  ====================================  ==============
SimultaneousGradientDescent  z - h xi(z)                            1 - h l                               1 gradient
AlternatingGradientDescent   z_i - h xi_i(z), in turn, k_i times    product of I - h P_i J                sum k_i / n
Extragradient                z - h xi(z - g xi(z))                  1 - h l + h g l^2                     2
OptimisticGradient           z - (h + b) xi_k + b xi_{k-1}          r^2 - (1 - (h + b) l) r - b l = 0     1
Consensus                    z - h (xi + gamma J^T xi)              I - h (I + gamma J^T) J               1 and 1 vjp
ProximalPoint                z+ = z - h xi(z+)                      1 / (1 + h l)                         solves
===========================  =====================================  ====================================  ==============

xi is the simultaneous gradient, J its Jacobian, l an eigenvalue of J, h the step size. `UpdateRule` and
`LinearUpdateRule` are the protocols, `Cost` the work of one step; `per_point`, `per_matrix`, `identity_like`,
`as_eigenvalue`, `natural_residual`, `check_players` and `map_hyper_parameters` serve whoever writes or wraps a rule.
"""

from gamedyn.updates._alternating import AlternatingGradientDescent
from gamedyn.updates._base import (
    Cost,
    LinearUpdateRule,
    UpdateRule,
    as_eigenvalue,
    check_players,
    identity_like,
    map_hyper_parameters,
    natural_residual,
    per_matrix,
    per_point,
)
from gamedyn.updates._consensus import Consensus
from gamedyn.updates._extragradient import Extragradient
from gamedyn.updates._optimistic import OptimisticGradient, OptimisticState
from gamedyn.updates._proximal_point import ProximalPoint, ProximalState
from gamedyn.updates._simultaneous import SimultaneousGradientDescent

__all__ = [
    "AlternatingGradientDescent",
    "Consensus",
    "Cost",
    "Extragradient",
    "LinearUpdateRule",
    "OptimisticGradient",
    "OptimisticState",
    "ProximalPoint",
    "ProximalState",
    "SimultaneousGradientDescent",
    "UpdateRule",
    "as_eigenvalue",
    "check_players",
    "identity_like",
    "map_hyper_parameters",
    "natural_residual",
    "per_matrix",
    "per_point",
]
