"""What a result depends on: Morris screening, Sobol indices and PAWN over a sweep, and their page."""
