"""Does a missing or malformed variable stop the start with one clear line?"""

import pytest

from healthcare.core import env


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("SECRET_KEY", "", lambda: env.secret("SECRET_KEY")),
        ("SECRET_KEY", "short", lambda: env.secret("SECRET_KEY")),
        ("DATABASE_URL", "", lambda: env.database("DATABASE_URL", engine="x", pooled=False)),
        ("DATABASE_URL", "mysql://u@h/db", lambda: env.database("DATABASE_URL", engine="x", pooled=False)),
        ("DATABASE_URL", "postgresql://u@h:port/db", lambda: env.database("DATABASE_URL", engine="x", pooled=False)),
        ("DATABASE_URL", "postgresql://u@h/", lambda: env.database("DATABASE_URL", engine="x", pooled=False)),
        (
            "DATABASE_URL",
            "postgresql://u@h/d?connection_limit=0",
            lambda: env.database("DATABASE_URL", engine="x", pooled=False),
        ),
        ("REDIS_URL", "http://h", env.redis_url),
        ("RATE_LIMIT_WINDOW", "soon", lambda: env.seconds("RATE_LIMIT_WINDOW", "1 minute")),
        ("RATE_LIMIT_MAX", "-1", lambda: env.number("RATE_LIMIT_MAX", 1)),
        ("CLINIC_ROLES", "perhaps", lambda: env.flag("CLINIC_ROLES", True)),
        ("HEALTHCARE_ENV", "staging", lambda: env.choice("HEALTHCARE_ENV", "production", ("production",))),
        ("EMAIL_URL", "http://h", lambda: env.mail("EMAIL_URL", "")),
    ],
)
def test_it_stops_and_names_the_variable(monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit, match=f"^{name}: "):
        read()


def test_a_database_url_is_read_whole(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u%40x:p%3Aw@h:5433/d?connection_limit=7&pool_timeout=3&sslmode=require")
    found = env.database("DATABASE_URL", engine="e", pooled=True)
    assert [found[k] for k in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == ["u@x", "p:w", "h", "5433", "d"]
    assert (found["OPTIONS"]["pool"]["max_size"], found["OPTIONS"]["pool"]["timeout"]) == (7, 3)
    assert found["OPTIONS"]["sslmode"] == "require"


def test_host_and_password_make_a_redis_url(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "")
    monkeypatch.setenv("REDIS_HOST", "cache.example")
    monkeypatch.setenv("REDIS_PASSWORD", "p@ss")
    assert env.redis_url() == "redis://:p%40ss@cache.example:6379/0"


@pytest.mark.parametrize(("text", "seconds"), [("1 minute", 60), ("90", 90), ("2 hours", 7200), ("30 seconds", 30)])
def test_a_window_is_read_in_words(monkeypatch, text, seconds):
    monkeypatch.setenv("RATE_LIMIT_WINDOW", text)
    assert env.seconds("RATE_LIMIT_WINDOW", "1 minute") == seconds
