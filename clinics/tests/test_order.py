"""In which order does a schema get its migrations? After what they depend on, its own ones together."""

from itertools import groupby

import pytest
from django.db.migrations.loader import MigrationLoader

from clinics.migrating.applying import together
from clinics.migrating.owed import labels
from healthcare.core.tenancy import PUBLIC_SCHEMA, TEMPLATE_SCHEMA


@pytest.mark.parametrize("schema", [PUBLIC_SCHEMA, TEMPLATE_SCHEMA])
def test_own_migrations_go_together_and_each_after_what_it_depends_on(schema):
    graph, own = MigrationLoader(None).graph, labels(schema)
    plan = [graph.nodes[key] for key in graph._generate_plan(graph.leaf_nodes(), True)]
    ordered = list(together(plan, own, graph))
    assert sorted(map(str, ordered)) == sorted(map(str, plan))
    place = {(one.app_label, one.name): number for number, one in enumerate(ordered)}
    assert [key for key in place if any(place[parent.key] > place[key] for parent in graph.node_map[key].parents)] == []
    turns = [mine for mine, _ in groupby(one.app_label in own for one in ordered)]
    assert turns.count(True) == 1, "the models are rendered anew at each turn"
