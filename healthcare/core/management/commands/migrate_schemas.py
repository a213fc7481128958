"""Why is there no `migrate_schemas` here? For the same reason as no `migrate`."""

from healthcare.core.management.commands.migrate import Command

__all__ = ["Command"]
