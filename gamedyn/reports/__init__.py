"""Self-contained HTML reports.

===================  ==============================================================
name                 what it does
===================  ==============================================================
write_report         what `gamedyn.verify` found, as one HTML file
render_report        the same as a string
Picture              one figure of a report
===================  ==============================================================
"""

from gamedyn.reports._html import render_report, write_report
from gamedyn.reports._picture import Picture

__all__ = ["Picture", "render_report", "write_report"]
