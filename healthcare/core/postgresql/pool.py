"""How does a connection go back to the pool? As if nobody had used it."""

from typing import Any


def forget_place(connection: Any) -> None:
    """Pool callback: a connection goes back as plain login role with stock settings (RESET ALL alone keeps the role)."""
    connection.execute("RESET ROLE")
    connection.execute("RESET ALL")
    connection.commit()
