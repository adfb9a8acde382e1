"""Self-contained HTML reports, and files that are written whole or not at all.

===================  ==============================================================
name                 what it does
===================  ==============================================================
write_report         what `gamedyn.verify` found, as one HTML file
render_report        the same as a string
Picture              one figure of a report
write_atomically     writes beside the target, flushes, renames
check_writable       says beforehand what would stand in the way
===================  ==============================================================
"""

from gamedyn.reports._atomic import check_writable, write_atomically
from gamedyn.reports._html import render_report, write_report
from gamedyn.reports._picture import Picture

__all__ = ["Picture", "check_writable", "render_report", "write_atomically", "write_report"]
