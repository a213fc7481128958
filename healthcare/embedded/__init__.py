"""How does a machine with nothing on it get PostgreSQL and Valkey? For development and tests, never for production."""

__all__ = ["start_services", "stop_services"]


def start_services(profile: str) -> dict[str, str]:
    """Start or reuse the profile's servers, make its roles and databases, answer the environment that reaches them.

    Raises `Trouble` with one line that says what is missing.
    """
    from healthcare.embedded import services  # late: `environment` must stay free of everything but the stdlib
    from healthcare.embedded.layout import Profile

    return services.start(Profile.named(profile))


def stop_services(profile: str) -> None:
    """End the profile's servers; silent when there are none."""
    from healthcare.embedded import services
    from healthcare.embedded.layout import Profile

    services.stop(Profile.named(profile))
