"""Policies against the baseline, paired by seed: run, judge, tell."""
