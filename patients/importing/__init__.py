"""Charts from elsewhere: reading sources, and what each kind of row becomes."""
