"""What other libraries return under a familiar name, computed by ours: their bases, roots and defaults, said in words.

===============  ======================================================================================
module           functions, and in what they differ from ours
===============  ======================================================================================
compat.scipy     entropy, jensenshannon (a distance), wasserstein_distance, energy_distance (a root)
compat.pytorch   kl_div (arguments reversed, log first; mean over all entries by default)
compat.pot       wasserstein_1d (W_p^p), emd2, sinkhorn2 (cost without entropy), solve_value (with it),
                 empirical_sinkhorn_divergence (of costs without entropy), bures_wasserstein_distance
compat.ott       reg_ot_cost, ent_reg_cost (entropy in place of KL), sinkhorn_divergence
compat.geomloss  sinkhorn_loss (cost |x - y|^p / p, temperature blur^p), energy_loss, gaussian_loss
===============  ======================================================================================
"""

from gamedyn.compat import _geomloss as geomloss
from gamedyn.compat import _ott as ott
from gamedyn.compat import _pot as pot
from gamedyn.compat import _pytorch as pytorch
from gamedyn.compat import _scipy as scipy

__all__ = ["geomloss", "ott", "pot", "pytorch", "scipy"]
