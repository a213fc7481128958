"""What does a person read when a start can't go on?"""


class Trouble(Exception):
    """One line for the person at the keyboard: what is wrong and what helps."""
