"""Figures; every function takes ax=None and returns the Axes.

==========================  ==============================================================
name                        what it shows
==========================  ==============================================================
plot_comparison             KL both ways and JS of two samples, with intervals
plot_optimal_discriminator  D* = p / (p + q) over the densities p and q
plot_value_against_js       V(D*, G) = 2 JS - log 4
plot_mode_fits              which modes each divergence's fit covers
plot_trajectories           paths in the plane of two coordinates
plot_distances              distance to a point against gradient evaluations
plot_phase_portrait         the flow z' = -xi(z), with classified points and cycles
plot_vector_field           a velocity field as arrows
plot_path_angle             cosine between xi and a path, and the size of xi
plot_basins                 starts in the colour of the limit they are led to
plot_phase_diagram          factor per step over two hyper-parameters, and where it is 1
plot_bifurcation_diagram    attractors and branches over a hyper-parameter
plot_cobweb                 a step on the line and the staircase of its iterates
plot_stability_region       where a rule contracts, with spectra
plot_performance_profile    share of problems solved against cost, rule by rule
plot_samples                points in the plane over the density they should have
plot_sample_sheet           small grey images in rows
plot_training_history       losses, gradients, critic, distances and modes over a training
plot_spectrum               eigenvalues of J in the complex plane
plot_own_curvatures         eigenvalues of the players' own Hessians
plot_spectrum_track         eigenvalues of J before, during and after a training
alt_text                    one plain sentence for each of them
save_figure                 .png, .svg or .pdf, written atomically
save_animation              trajectories in motion, as a GIF
check_available             says which extra to install, before long work
==========================  ==============================================================
"""

from gamedyn.plotting._animation import save_animation
from gamedyn.plotting._basins import plot_basins
from gamedyn.plotting._bifurcation_diagram import plot_bifurcation_diagram
from gamedyn.plotting._cobweb import plot_cobweb
from gamedyn.plotting._comparison import plot_comparison
from gamedyn.plotting._densities import plot_mode_fits
from gamedyn.plotting._discriminator import plot_optimal_discriminator, plot_value_against_js
from gamedyn.plotting._dynamics import plot_distances, plot_phase_portrait, plot_trajectories
from gamedyn.plotting._own_curvatures import plot_own_curvatures
from gamedyn.plotting._path_angle import plot_path_angle
from gamedyn.plotting._performance import plot_performance_profile
from gamedyn.plotting._phase_diagram import plot_phase_diagram
from gamedyn.plotting._samples import plot_sample_sheet, plot_samples
from gamedyn.plotting._spectrum import plot_spectrum
from gamedyn.plotting._spectrum_track import plot_spectrum_track
from gamedyn.plotting._stability_region import plot_stability_region
from gamedyn.plotting._style import alt_text, check_available, save_figure
from gamedyn.plotting._training_history import plot_training_history
from gamedyn.plotting._vector_field import plot_vector_field

__all__ = [
    "alt_text",
    "check_available",
    "plot_basins",
    "plot_bifurcation_diagram",
    "plot_cobweb",
    "plot_comparison",
    "plot_distances",
    "plot_mode_fits",
    "plot_optimal_discriminator",
    "plot_own_curvatures",
    "plot_path_angle",
    "plot_performance_profile",
    "plot_phase_diagram",
    "plot_phase_portrait",
    "plot_sample_sheet",
    "plot_samples",
    "plot_spectrum",
    "plot_spectrum_track",
    "plot_stability_region",
    "plot_training_history",
    "plot_trajectories",
    "plot_value_against_js",
    "plot_vector_field",
    "save_animation",
    "save_figure",
]
