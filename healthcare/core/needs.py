"""What may an action ask for that is no permission of the role table?"""

OPEN = "open"  # everybody, signed in or not
SIGNED_IN = "signed in"  # any person
