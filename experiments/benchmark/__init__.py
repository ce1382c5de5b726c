"""How fast the model is: figures as ratios to a reference of the same round, and what they must reach.

``figures`` declares them, ``yardstick`` is the reference, ``rounds`` interleaves, ``twin_mesa`` and ``twin_numpy`` are the
same choices written in the usual ways. All else measures the model's own functions, never copies of them.
"""
