#!/usr/bin/env python3
"""How does an operator reach the product from the command line?"""

import os
import sys

from healthcare.embedded.environment import load


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare.settings")
    load()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
