"""Optimal transport: Wasserstein distances on the line, between points, between Gaussians, and sliced.

========================  ===================================================================
name                      equation
========================  ===================================================================
wasserstein_on_line       (integral |F^-1 - G^-1|^p du)^(1/p)
wasserstein_on_circle     the same on a circle: min over a of |F^-1(u) - G^-1(u + a)|
wasserstein_distance      (min over plans of sum plan_ij |x_i - y_j|^p)^(1/p)
optimal_transport         min over plans of sum plan_ij cost_ij
wasserstein_between_laws  the same of laws, F^-1 their quantile functions; inf for heavy tails
gaussian_wasserstein      sqrt(|m_x - m_y|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2))
gaussian_map              m_y + T (x - m_x), T A T = B: the optimal map between Gaussians
sinkhorn                  min over plans of sum plan_ij cost_ij + eps KL(plan | a b^T)
sinkhorn_divergence       OT_eps(x, y) - (OT_eps(x, x) + OT_eps(y, y)) / 2
barycenter                argmin over laws b of sum w_k W_2(b, law_k)^2
gaussian_barycenter       the same of Gaussians: S = sum w_k (S^1/2 A_k S^1/2)^1/2
entropic_barycenter       argmin over b of sum w_k OT_eps(a_k, b), on a given support
unbalanced_sinkhorn       sinkhorn with tau KL(margin | mass) in place of each equation
sliced_wasserstein        (E over unit vectors u of W_p(<u, x>, <u, y>)^p)^(1/p)
max_sliced_wasserstein    max over unit vectors u of W_p(<u, x>, <u, y>)
EntropicPlan              plan_ij = a_i b_j exp((f_i + g_j - cost_ij) / eps), made when asked for
EntropicCritic            f(x) = -eps log sum_j b_j exp((g_j - |x - y_j|^p) / eps)
GaussianBarycenter        mean, covariance, residual
GaussianMap               x -> target + matrix (x - source)
MaxSliced                 value, direction, whether converged
SparsePlan                plan by its non-zero entries
TransportResult           value, plan, potentials, critic, bracket
TransportCritic           f(x) = min_j (|x - y_j|^p - g_j)
========================  ===================================================================
"""

from gamedyn.transport._barycenter import barycenter
from gamedyn.transport._barycenter_gaussian import GaussianBarycenter, gaussian_barycenter
from gamedyn.transport._between_laws import wasserstein_between_laws
from gamedyn.transport._cost_matrix import optimal_transport
from gamedyn.transport._critic import TransportCritic
from gamedyn.transport._distance import wasserstein_distance
from gamedyn.transport._entropic_barycenter import entropic_barycenter
from gamedyn.transport._entropic_critic import EntropicCritic
from gamedyn.transport._gaussian import gaussian_wasserstein
from gamedyn.transport._gaussian_map import GaussianMap, gaussian_map
from gamedyn.transport._lazy_plan import EntropicPlan
from gamedyn.transport._max_sliced import MaxSliced, max_sliced_wasserstein
from gamedyn.transport._on_circle import wasserstein_on_circle
from gamedyn.transport._on_line import wasserstein_on_line
from gamedyn.transport._plan import SparsePlan
from gamedyn.transport._result import TransportResult
from gamedyn.transport._sinkhorn import sinkhorn
from gamedyn.transport._sinkhorn_divergence import sinkhorn_divergence
from gamedyn.transport._sliced import sliced_wasserstein
from gamedyn.transport._unbalanced import unbalanced_sinkhorn

__all__ = [
    "EntropicCritic",
    "EntropicPlan",
    "GaussianBarycenter",
    "GaussianMap",
    "MaxSliced",
    "SparsePlan",
    "TransportCritic",
    "TransportResult",
    "barycenter",
    "entropic_barycenter",
    "gaussian_barycenter",
    "gaussian_map",
    "gaussian_wasserstein",
    "max_sliced_wasserstein",
    "optimal_transport",
    "sinkhorn",
    "sinkhorn_divergence",
    "sliced_wasserstein",
    "unbalanced_sinkhorn",
    "wasserstein_between_laws",
    "wasserstein_distance",
    "wasserstein_on_circle",
    "wasserstein_on_line",
]
