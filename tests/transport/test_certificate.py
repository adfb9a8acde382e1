"""Facts about the brackets that certificates prove."""

import pytest

from gamedyn.transport._certificate import bracket


def test_brackets_hold_the_root_and_never_cross():
    assert bracket(4.0, 1.0, 2) == (1.0, pytest.approx(2.0, rel=1e-13, abs=0.0))
    assert bracket(4.0, 1.0, 2)[1] >= 2.0
    assert bracket(3.0, -1.0) == (0.0, pytest.approx(3.0, rel=1e-13, abs=0.0))
    assert bracket(0.0, 0.0, 3) == (0.0, 0.0)
    lower, upper = bracket(1.0, 1.0 + 1e-12)
    assert lower == upper
    assert bracket(1.0, 1.0, slack=0.25, excess=0.5) == (0.75, pytest.approx(1.5, rel=1e-13, abs=0.0))
