"""Calibration to real cities: targets, entry cohorts, approximate Bayesian computation, and how far to trust it."""
