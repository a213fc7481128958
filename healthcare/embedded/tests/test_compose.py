"""Is compose.yaml whole: each part there, each secret demanded, each variable handed on?"""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from healthcare.embedded.environment import ROOT
from healthcare.embedded.postgresql import product_settings
from healthcare.embedded.tests.test_env_example import FALLBACKS, READERS, read_by, settings

TEXT = (ROOT / "compose.yaml").read_text()
GROUPS = {"booking", "messages", "care", "flow", "insight"}
PRODUCT = {"web", "sockets", "ticker", "migrate", *GROUPS}
# of development, or said in another way here
NOT_HANDED_ON = {
    "MAIL_FILE_DIR",
    "MESSAGE_FILE_DIR",
    "DEMO_PASSWORD",
    "LIMITS_TIMES",
    "ROOT_KEY_FILE",
    "AUDIT_KEY_FILE",
    *(AUDIT := ("AUDIT_KEY", "AUDIT_FORMER_KEYS", "AUDIT_ANCHORS")),  # to those who seal and verify only
    "REDIS_HOST",
    "REDIS_PASSWORD",
    "OWNER_DATABASE_URL",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXT)["services"]
    return found


def test_each_part_of_the_product_has_its_container(services: dict[str, Any]) -> None:
    assert set(services) == PRODUCT | {"nginx", "postgres", "redis", "cache"}


def test_each_worker_group_of_the_table_is_worked(services: dict[str, Any]) -> None:
    table = ROOT / "healthcare" / "core" / "job_queues.py"
    groups = set(re.findall(r'JobQueue\("[a-z-]+", "([a-z]+)"', table.read_text()))
    worked = {service["command"][-1] for service in services.values() if "--group" in service.get("command", [])}
    assert worked == groups == GROUPS


def test_every_variable_of_settings_reaches_the_product(services: dict[str, Any]) -> None:
    wanted = read_by(settings(), READERS, FALLBACKS) - NOT_HANDED_ON
    missing = {name: wanted - set(services[name]["environment"]) for name in PRODUCT}
    assert missing == {name: set() for name in PRODUCT}


def test_the_right_to_change_schemas_goes_to_those_who_need_it(services: dict[str, Any]) -> None:
    holders = {name for name, service in services.items() if "OWNER_DATABASE_URL" in service.get("environment", {})}
    assert holders == {"migrate", "booking"}


def test_the_audits_key_and_anchors_go_to_who_seals_and_who_verifies(services: dict[str, Any]) -> None:
    for name in AUDIT:
        assert {n for n, service in services.items() if name in service.get("environment", {})} == {"insight", "migrate"}
    assert {n for n, service in services.items() if "anchors:/anchors" in service.get("volumes", [])} == {"insight", "migrate"}


def test_web_and_sockets_come_in_any_number_behind_nginx(services: dict[str, Any]) -> None:
    for name in ("web", "sockets"):
        assert f"${{{name.upper()}_REPLICAS:-2}}" in str(services[name]["deploy"]["replicas"])
        assert "ports" not in services[name]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]


def test_nobody_of_the_product_runs_with_rights(services: dict[str, Any]) -> None:
    for name in PRODUCT:
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
    assert re.search(r"^USER 10001", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_all_but_the_workers_are_asked_whether_they_are_well(services: dict[str, Any]) -> None:
    for name in ("nginx", "postgres", "redis", "cache"):
        assert services[name]["healthcheck"]["test"]
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()


def test_the_product_waits_for_migrated_schemas(services: dict[str, Any]) -> None:
    for name in PRODUCT - {"migrate"}:
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_cache_forgets_and_the_other_store_never_does(services: dict[str, Any]) -> None:
    assert "--maxmemory 1gb --maxmemory-policy allkeys-lru" in services["cache"]["command"][-1]
    assert "--maxmemory-policy noeviction" in services["redis"]["command"][-1]


def test_files_that_are_mounted_exist(services: dict[str, Any]) -> None:
    mounted = [volume.split(":")[0] for service in services.values() for volume in service.get("volumes", [])]
    ours = [name for name in mounted if name.startswith("./")]
    assert len(ours) >= 4
    assert [name for name in ours if not (ROOT / name).exists()] == []


def test_the_server_s_settings_are_understood_the_same_by_the_embedded_reader() -> None:
    read = product_settings(ROOT)
    assert read["log_line_prefix"] == "%m [%p] %q%u@%d "
    assert (read["max_connections"], read["max_locks_per_transaction"]) == ("300", "256")


def test_connections_of_all_processes_fit_the_server() -> None:
    limits = {name: int(number) for name, number in re.findall(r"/(healthcare(?:_keys)?)\?connection_limit=(\d+)", TEXT)}
    pooled = 2 * 2 + 2  # two web containers of two processes, two of sockets
    threads = 40  # of all worker groups, one connection each to the data and to the keys
    assert pooled * (limits["healthcare"] + limits["healthcare_keys"]) + 2 * threads < 300


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"PORT": "x"}, "serve: PORT must be a number, not 'x'"),
        ({"ENABLE_CLUSTERING": "perhaps"}, "serve: ENABLE_CLUSTERING must be on or off, not 'perhaps'"),
        ({"WEB_WORKERS": "0"}, "serve: WEB_WORKERS must be a number from 1 on, not '0'"),
    ],
)
def test_a_malformed_variable_stops_the_container_in_one_line(variables: dict[str, str], wanted: str) -> None:
    done = subprocess.run(
        [ROOT / "deploy" / "serve", "web"],
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, wanted + "\n")


@pytest.mark.parametrize(("http2", "certificate"), [("on", True), ("off", False)])
def test_nginx_gets_what_the_environment_says(tmp_path: Path, http2: str, certificate: bool) -> None:
    made = prepared(tmp_path, {"ENABLE_HTTP2": http2, "LOAD_BALANCERS": "10.0.0.1,10.1.0.0/16"}, certificate=certificate)
    assert f"http2 {http2};" in made["listen.conf"]
    assert ("listen 8443 ssl;" in made["listen.conf"]) is certificate
    assert made["client.conf"].count("set_real_ip_from") == 2
    assert "default $http_x_forwarded_proto;" in made["client.conf"]


def test_without_a_load_balancer_nobody_else_says_who_the_client_is(tmp_path: Path) -> None:
    made = prepared(tmp_path, {}, certificate=False)
    assert "set_real_ip_from" not in made["client.conf"]
    assert "default $scheme;" in made["client.conf"]


def test_no_location_of_nginx_lets_a_client_s_claims_about_itself_through() -> None:
    text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text()
    server, *locations = re.split(r"\n        location ", text)
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in server
    assert "proxy_set_header X-Forwarded-Proto $client_scheme;" in server
    # one such line in a location switches the server's off there
    assert len(locations) >= 4
    assert [location for location in locations if "proxy_set_header" in location] == []


def prepared(tmp_path: Path, variables: dict[str, str], *, certificate: bool) -> dict[str, str]:
    """What the container's preparation writes, run on a folder instead of /etc/nginx."""
    (tmp_path / "made").mkdir()
    (tmp_path / "certificate").mkdir()
    if certificate:
        for name in ("fullchain.pem", "privkey.pem"):
            (tmp_path / "certificate" / name).touch()
    script = (ROOT / "deploy" / "nginx" / "prepare.sh").read_text().replace("/etc/nginx", str(tmp_path))
    subprocess.run(["sh", "-c", script], env={"PATH": "/usr/bin:/bin", **variables}, check=True)
    return {file.name: file.read_text() for file in (tmp_path / "made").iterdir()}
