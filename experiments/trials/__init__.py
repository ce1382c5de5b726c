"""A trial of the model: a published before-after figure that was no target of any fit, told apart into its causes."""
