"""The command line.

===========================  ==============================================================
command                      what it does
===========================  ==============================================================
``gamedyn verify``           checks the theorems, each against its negative control
``gamedyn compare A B``      divergences and distances of two sample files
``gamedyn play GAME``        simulates a game under an update rule
``gamedyn classify GAME``    classifies a point of a game
``gamedyn rank GAME ...``    compares update rules, each at its best step size
``gamedyn info``             versions, backend, device, extras
===========================  ==============================================================
"""

from gamedyn.cli._main import main

__all__ = ["main"]
