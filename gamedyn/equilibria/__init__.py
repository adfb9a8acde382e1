"""equilibria."""
