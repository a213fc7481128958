"""A package of somebody else's, as one would install beside the product: one kind, with a rule and a hook of its own."""
