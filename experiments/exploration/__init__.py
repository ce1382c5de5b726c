"""Exploring under deep uncertainty: the model for EMA Workbench, where a policy fails, and where its effect changes sign."""
