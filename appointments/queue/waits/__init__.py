"""How long until somebody is called? A range, learned from this clinic's own days, and how often it was kept."""
