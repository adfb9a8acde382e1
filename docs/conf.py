"""Sphinx: the pages of this folder, and a reference of every public name made from the packages themselves."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

import gamedyn  # noqa: E402

project = "gamedyn"
author = "the gamedyn developers"
copyright = "2026, the gamedyn developers"
version = release = gamedyn.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "reference",
    "claims_table",
    "names_table",
    "pictures",
]
exclude_patterns = ["_build", "_ext", "_templates"]
templates_path = ["_templates"]
myst_enable_extensions = ["deflist", "colon_fence"]
myst_heading_anchors = 3

smartquotes = False  # --full is an option, not a dash
default_role = "py:obj"
autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
toc_object_entries = False

html_theme = "pydata_sphinx_theme"
html_title = "gamedyn"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "navbar_align": "left",
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
# Only the reference is deep enough for a column of its own on the left.
html_sidebars = {
    name: [] for name in ("index", "install", "choosing", "claims", "names", "glossary", "contributing", "changelog")
}
html_sidebars["tutorials/*"] = []
html_static_path = ["_static"]
html_css_files = ["site.css"]
