"""Does the dashboard that we ship ask for what /metrics really tells, and is it of the shape that Grafana imports?"""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families

from healthcare.core import breakers, serving
from monitoring.tests.test_scrape import scraped

PATH = Path(settings.BASE_DIR) / "deploy/grafana/healthcare.json"
BOARD = json.loads(PATH.read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
QUERIES = [target["expr"] for panel in PANELS for target in panel["targets"]]

NAME = r"[a-z_:][a-z0-9_:]*"
GROUPED = re.compile(r"\b(?:by|without)\s*\(([^)]*)\)")
SELECTED = re.compile(rf"({NAME})\{{([^}}]*)\}}")
MATCH = re.compile(rf'({NAME})\s*(=~|=)\s*"([^"]*)"')
WORDS = {"or", "and", "unless"}


def metrics_in(query: str) -> set[str]:
    """The metrics that the query names: what is left without texts, labels, groups, ranges and functions."""
    bare = re.sub(r'"[^"]*"', "", query)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", GROUPED.sub("", bare))
    return set(re.findall(rf"\b({NAME})\b(?!\s*\()", bare)) - WORDS


@pytest.fixture
def told(api: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[dict[str, str]]]:
    """What /metrics tells: by name the labels of its samples; names without samples yet as well."""
    monkeypatch.setattr(breakers, "_breakers", dict(breakers._breakers))
    breakers.named("of a test")
    api().get("/clinics")
    serving.WAITED.observe(0)  # the server's own counts, which it makes when it is loaded
    text = scraped(api)
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
        ends = (
            ("_bucket", "_sum", "_count") if family.type == "histogram" else ("_total",) if family.type == "counter" else ("",)
        )
        for end in ends:
            found.setdefault(family.name + end, [])
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("query", QUERIES)
def test_every_metric_and_label_of_a_query_is_told(query: str, told: dict[str, list[dict[str, str]]]) -> None:
    names = metrics_in(query)
    assert names, query
    assert names <= told.keys(), names - told.keys()
    labels = {label for name in names for one in told[name] for label in one} | {"instance"}
    if any(told[name] for name in names):
        grouped = {one.strip() for group in GROUPED.findall(query) for one in group.split(",")}
        matched = {label for _, inside in SELECTED.findall(query) for label, _, _ in MATCH.findall(inside)}
        assert grouped | matched <= labels, (grouped | matched) - labels


@pytest.mark.django_db
def test_the_states_that_are_asked_for_are_those_that_are_told(told: dict[str, list[dict[str, str]]]) -> None:
    known = {(name, label, value) for name, samples in told.items() for one in samples for label, value in one.items()}
    fixed = {"job_queue_jobs", "breaker_state", "db_pool_connections"}
    for query in QUERIES:
        for name, inside in SELECTED.findall(query):
            for label, how, value in MATCH.findall(inside):
                assert name not in fixed or how != "=" or (name, label, value) in known, query


def test_the_routes_and_outcomes_that_are_asked_for_exist() -> None:
    from django.test import RequestFactory
    from django.urls import resolve

    from healthcare.core.cache import OUTCOMES
    from monitoring.routes import route_of

    there = set()
    for path in ("/appointments", "/admin/appointments/appointment/add/"):
        request = RequestFactory().post(path)
        request.resolver_match = resolve(path)
        there.add(route_of(request))
    asked = {label: set() for label in ("route", "outcome")}
    for query in QUERIES:
        for _, inside in SELECTED.findall(query):
            for label, _, value in MATCH.findall(inside):
                asked.get(label, set()).update(value.split("|"))
    assert asked["route"] == there
    assert asked["outcome"] < set(OUTCOMES)


def test_everything_that_we_count_ourselves_is_on_the_dashboard_or_left_out_on_purpose(api: Any, db: None) -> None:
    left_out = {"python_gc", "python_info", "process_"}  # the interpreter's own, but memory and processor
    ours = {
        family.name for family in text_string_to_metric_families(scraped(api)) if not family.name.startswith(tuple(left_out))
    }
    shown = {name for query in QUERIES for name in metrics_in(query)}
    missing = {name for name in ours if not name.endswith("_created") and not any(one.startswith(name) for one in shown)}
    assert missing == set()


def test_it_has_the_shape_that_grafana_imports() -> None:
    assert BOARD["schemaVersion"] >= 36 and BOARD["id"] is None  # an id would be another installation's
    assert BOARD["uid"] and BOARD["title"] and {"from", "to"} <= BOARD["time"].keys()
    (source,) = [one for one in BOARD["templating"]["list"] if one["type"] == "datasource"]
    assert source["query"] == "prometheus"
    ids = [panel["id"] for panel in BOARD["panels"]]
    assert len(ids) == len(set(ids))
    for panel in PANELS:
        assert panel["type"] in ("timeseries", "stat") and panel["title"] and panel["targets"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        refs = [target["refId"] for target in panel["targets"]]
        assert len(refs) == len(set(refs)) and all(re.fullmatch("[A-Z]", ref) for ref in refs)
        for one in (panel, *panel["targets"]):
            assert one["datasource"] == {"type": "prometheus", "uid": f"${{{source['name']}}}"}


def test_no_two_panels_lie_on_each_other_and_none_sticks_out() -> None:
    places = [panel["gridPos"] for panel in BOARD["panels"]]
    for at in places:
        assert at["x"] >= 0 and at["x"] + at["w"] <= 24 and at["h"] > 0 and at["w"] > 0
    for a, b in combinations(places, 2):
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"] or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        assert apart, (a, b)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('sum by (le, a) (rate(x_bucket{b="y_z"}[5m])) / sum(y_total) or vector(0)', {"x_bucket", "y_total"}),
        ("histogram_quantile(0.99, sum by (le) (rate(z_bucket[$__rate_interval])))", {"z_bucket"}),
        ("60 * topk(10, no_such) > 0", {"no_such"}),
    ],
)
def test_the_test_finds_the_metrics_of_a_query(query: str, names: set[str]) -> None:
    assert metrics_in(query) == names
