"""Who moves the money? The desk's own hands, or a gateway. To add a gateway: a module here and a line in `registry.py`."""
