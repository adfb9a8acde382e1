"""Self-contained HTML reports, and files that are written whole or not at all.

===================  ==============================================================
name                 what it does
===================  ==============================================================
write_atomically     writes beside the target, flushes, renames
check_writable       says beforehand what would stand in the way
===================  ==============================================================
"""

from gamedyn.reports._atomic import check_writable, write_atomically

__all__ = ["check_writable", "write_atomically"]
