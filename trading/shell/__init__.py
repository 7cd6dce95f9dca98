"""Hand-written code that no module and no model can change."""
