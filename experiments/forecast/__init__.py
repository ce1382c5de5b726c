"""Forecasts of first choices by centre and year: fitted, written, hashed in a ledger, and scored afterwards."""
