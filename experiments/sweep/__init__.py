"""Sweeps: from a file that says what to vary to a Parquet dataset with a row a (run, year, indicator)."""
