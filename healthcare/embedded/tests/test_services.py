"""Do the embedded servers start once, refuse what they must, come back after a kill and leave nothing?"""

import os
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from healthcare.embedded import environment, processes, services
from healthcare.embedded.layout import Profile
from healthcare.embedded.ports import is_free
from healthcare.embedded.postgresql import Cluster, answers
from healthcare.embedded.tests.conftest import profile_in
from healthcare.embedded.trouble import Trouble


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """One running profile for the tests that only look."""
    with profile_in(tmp_path_factory.mktemp("lasting"), "test") as one:
        services.start(one)
        yield one


@pytest.fixture
def started(lasting: Profile) -> dict[str, str]:
    """Its environment, asked for anew: nothing may have changed."""
    return services.start(lasting)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row and len(row) == 1 else row


def policy(url: str) -> str:
    said: dict[str, str] = redis.Redis.from_url(url).config_get("maxmemory-policy")  # type: ignore[assignment]
    return said["maxmemory-policy"]


def pid_of(profile: Profile, name: str) -> int:
    running = processes.recorded(profile.run / f"{name}.json")
    assert running is not None
    return running[0].pid


def test_two_starts_at_once_share_one_server(profile: Profile) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers_ = list(pool.map(lambda _: services.start(profile), range(4)))
    assert answers_ == [answers_[0]] * 4
    assert len(processes.titled(profile.title, ("valkey-server", "redis-server"))) == 2


def test_stop_leaves_no_process_and_no_port(profile: Profile) -> None:
    env = services.start(profile)
    services.stop(profile)
    assert processes.titled(profile.title, ("postgres", "valkey-server", "redis-server")) == []
    assert all(is_free(urlsplit(env[name]).port or 0) for name in services.SERVICES)


def test_stop_ends_servers_whose_folder_was_deleted(made: Profile) -> None:
    services.start(made)
    for file in made.run.iterdir():
        file.unlink()
    services.stop(made)
    assert processes.titled(made.title, ("postgres", "valkey-server", "redis-server")) == []


def test_a_killed_postgresql_comes_back_with_its_data(made: Profile) -> None:
    env = services.start(made)
    with psycopg.connect(env["OWNER_DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(pid_of(made, "postgres"), signal.SIGKILL)
    assert services.start(made) == env
    assert ask(env["OWNER_DATABASE_URL"], "SELECT answer FROM kept") == 42


def test_a_killed_valkey_comes_back_on_its_port(made: Profile) -> None:
    env = services.start(made)
    os.kill(pid_of(made, "redis"), signal.SIGKILL)
    assert services.start(made) == env
    assert redis.Redis.from_url(env["REDIS_URL"]).ping() is True


def test_half_made_data_is_made_anew(profile: Profile) -> None:
    profile.make()
    draft = Cluster(profile).home / "draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    assert ask(services.start(profile)["DATABASE_URL"], "SELECT 1") == 1


def test_a_stale_pid_file_that_names_a_living_stranger_does_not_stop_the_start(made: Profile) -> None:
    services.start(made)
    Cluster(made).stop()
    (Cluster(made).data / "postmaster.pid").write_text(f"{os.getpid()}\n{Cluster(made).data}\n0\n1\n\n\n\n")
    assert ask(services.start(made)["DATABASE_URL"], "SELECT 1") == 1


def test_a_recycled_number_is_never_taken_for_our_server(made: Profile) -> None:
    services.start(made)
    Cluster(made).stop()
    own = processes.identify(os.getpid())
    assert own is not None
    processes.record(Cluster(made).record, processes.Identity(own.pid, "another birth"), port=1)
    services.stop(made)  # would end this very test run
    assert processes.alive(own)


def test_the_app_role_owns_nothing_and_may_make_nothing(started: dict[str, str]) -> None:
    rights = (
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolinherit, rolcanlogin, rolbypassrls FROM pg_roles WHERE rolname = user"
    )
    assert ask(started["DATABASE_URL"], rights) == (False, False, False, False, True, False)
    for refused in ("CREATE TABLE public.mine (id int)", "CREATE SCHEMA mine", "CREATE ROLE mine", "CREATE TEMP TABLE mine ()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(started["DATABASE_URL"], refused)
    with pytest.raises(psycopg.OperationalError):
        ask(started["DATABASE_URL"].replace("/healthcare", "/healthcare_keys"), "SELECT 1")


def test_the_owner_role_changes_schemas_and_makes_roles_but_is_no_superuser(started: dict[str, str]) -> None:
    rights = "SELECT rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = user"
    assert ask(started["OWNER_DATABASE_URL"], rights) == (False, True, False)
    with psycopg.connect(started["OWNER_DATABASE_URL"]) as connection:
        for allowed in ("btree_gist", "pg_trgm", "citext"):
            connection.execute(f"CREATE EXTENSION {allowed}")
        connection.execute("CREATE SCHEMA clinic_a")
        connection.execute("CREATE ROLE clinic_a NOLOGIN")
        connection.execute("GRANT clinic_a TO healthcare_app WITH INHERIT FALSE, SET TRUE")
        owner = connection.execute("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'").fetchone()
    assert owner == ("healthcare_owner",)


def test_the_keys_live_in_a_database_of_their_own(started: dict[str, str]) -> None:
    assert ask(started["KEYSTORE_URL"], "SELECT current_database()") == "healthcare_keys"
    assert ask(
        started["KEYSTORE_URL"], "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    ) == ("healthcare_keys")
    with pytest.raises(psycopg.OperationalError):
        ask(started["KEYSTORE_URL"].replace("/healthcare_keys", "/healthcare"), "SELECT 1")


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("max_connections", "300"),
        ("max_locks_per_transaction", "256"),
        ("log_parameter_max_length", "0"),
        ("log_parameter_max_length_on_error", "0"),
        ("log_error_verbosity", "terse"),
        ("log_min_error_statement", "panic"),
        ("log_min_messages", "log"),
        ("log_lock_waits", "on"),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
        ("listen_addresses", "127.0.0.1"),
        ("fsync", "off"),
        ("synchronous_commit", "off"),
    ],
)
def test_settings_are_the_product_s(started: dict[str, str], setting: str, wanted: str) -> None:
    assert ask(started["DATABASE_URL"], f"SELECT current_setting('{setting}')") == wanted


def test_health_data_in_a_failing_statement_stays_out_of_the_log(lasting: Profile, started: dict[str, str]) -> None:
    with psycopg.connect(started["OWNER_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE people (phone text UNIQUE)")
        connection.execute("INSERT INTO people VALUES ('+91 98450')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES ('+91 98450')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES (%s)", ["+91 98450"])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT '98450 x'::uuid")
    log = Cluster(lasting).log.read_text()
    assert "database system is ready to accept connections" in log
    assert "98450" not in log


def test_a_deadlock_is_in_the_log_though_the_words_of_errors_are_not(lasting: Profile, started: dict[str, str]) -> None:
    address, broken = started["OWNER_DATABASE_URL"], []

    def crosswise(one: Any, first: int, second: int) -> None:
        try:
            one.execute("SELECT pg_advisory_xact_lock(%s)", [first])
            ready.wait(10)
            one.execute("SELECT pg_advisory_xact_lock(%s)", [second])
        except psycopg.errors.DeadlockDetected as error:
            broken.append(error)
        one.rollback()

    ready = threading.Barrier(2)
    with psycopg.connect(address) as one, psycopg.connect(address) as other, ThreadPoolExecutor(2) as pool:
        list(pool.map(crosswise, (one, other), (1, 2), (2, 1)))
    assert len(broken) == 1
    assert "detected deadlock" in Cluster(lasting).log.read_text()


def test_development_data_survives_a_power_cut_but_test_data_need_not(profile: Profile) -> None:
    assert Cluster(profile)._settings(1)["fsync"] == "off"
    assert "fsync" not in Cluster(Profile("dev", profile.root))._settings(1)
    commits = {
        name: Cluster(Profile(name, profile.root))._settings(1).get("synchronous_commit") for name in ("test-gw1", "e2e")
    }
    assert commits == {"test-gw1": "off", "e2e": None}


def test_a_wrong_password_is_refused_by_each_server(started: dict[str, str]) -> None:
    for name in services.DATABASES:
        with pytest.raises(psycopg.OperationalError):
            ask(started[name].replace(":" + str(urlsplit(started[name]).password), ":wrong"), "SELECT 1")
    for name in services.STORES:
        with pytest.raises(redis.exceptions.AuthenticationError):
            redis.Redis.from_url(started[name].replace(str(urlsplit(started[name]).password), "wrong")).ping()


def test_the_two_stores_forget_differently(started: dict[str, str]) -> None:
    assert [policy(started[name]) for name in services.STORES] == ["noeviction", "allkeys-lru"]


def test_secrets_are_readable_by_their_owner_alone(lasting: Profile, started: dict[str, str]) -> None:
    for file in (lasting.services_env, lasting.folder / "state.json", Path(started["ROOT_KEY_FILE"])):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    commands = [
        Path(f"/proc/{one.pid}/cmdline").read_text() for one in processes.titled(lasting.title, ("postgres", "valkey-server"))
    ]
    secrets = lasting.state()["passwords"].values()
    assert not [command for command in commands if any(secret in command for secret in secrets)]


def test_a_damaged_state_is_told_in_one_line(profile: Profile) -> None:
    profile.make()
    (profile.folder / "state.json").write_text("{")
    with pytest.raises(Trouble, match="is damaged"):
        services.start(profile)


def test_a_service_that_the_person_gives_is_not_started(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Profile("dev", profile.root)
    monkeypatch.setenv("REDIS_HOST", "valkey.internal")
    monkeypatch.setenv("REDIS_PASSWORD", "p:w")
    for name in (*services.DATABASES, "CACHE_URL"):
        monkeypatch.setenv(name, f"given://{name}")
    env = services.start(own)
    assert {name: env[name] for name in services.SERVICES} == {
        **{name: f"given://{name}" for name in services.SERVICES},
        "REDIS_URL": "redis://:p%3Aw@valkey.internal:6379/0",
    }
    assert services.none_live(own)
    assert "given://" not in own.services_env.read_text()


def test_a_shell_that_sourced_our_own_variables_has_given_nothing(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Profile("dev", profile.root)
    own.make()
    environment.write(own.services_env, {"DATABASE_URL": "postgresql://ours"})
    monkeypatch.setenv("DATABASE_URL", "postgresql://ours")
    assert services.given_by_person(own) == {}
    monkeypatch.setenv("DATABASE_URL", "postgresql://theirs")
    with pytest.raises(Trouble, match="must be given too"):
        services.given_by_person(own)


def test_a_database_without_its_owner_is_refused(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@b/c")
    with pytest.raises(Trouble, match="OWNER_DATABASE_URL and KEYSTORE_URL must be given too"):
        services.start(Profile("dev", profile.root))


def test_tests_never_see_the_person_s_database(made: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://a@b/real")
    assert "real" not in services.start(made)["DATABASE_URL"]


def test_a_listener_that_is_no_postgresql_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(answers, server.getsockname()[1])
            line, _ = server.accept()
            with line:
                line.recv(8)
                line.sendall(b"HTTP/1.1 400")
            assert asked.result() is False
