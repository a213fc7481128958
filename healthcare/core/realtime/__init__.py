"""How do changes reach open screens? The truth is a log in the database; messages only say that it has grown.

layer.py says "room r is at seq n" to every process; hub.py reads the news once per process and hands one encoded frame to
each socket; socket.py signs a socket in, gives it what it missed, and closes it when it may no longer listen.
"""
