"""Does the table refuse what breaks running code, and let pass what does not?"""

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently, BtreeGistExtension
from django.db import migrations, models
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

from clinics.migrating.dangers import found_in

CHAIR = migrations.CreateModel(
    "Chair",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20)),
        ("note", models.CharField(max_length=20, null=True)),
        ("legs", models.IntegerField(null=True, default=4)),
        ("weight", models.DecimalField(max_digits=5, decimal_places=2)),
        ("colour", models.CharField(max_length=9, db_default="red")),
    ],
)
INDEX = models.Index(fields=["name"], name="chair_name")
CHECK = models.CheckConstraint(condition=models.Q(legs__gte=3), name="chair_legs")


def noop(apps, editor):
    pass


def dangers(*operations, big=(), clinics=("shop",), **attributes):
    """Of a migration with these operations, after the table has been in use."""
    first = type("Migration", (migrations.Migration,), {"operations": [CHAIR]})("0001_initial", "shop")
    second = type("Migration", (migrations.Migration,), {"operations": list(operations), **attributes})("0002_next", "shop")
    return found_in([(first, False), (second, True)], ProjectState(), big, clinics)


SAFE = {
    "a new table": migrations.CreateModel("Stool", [("id", models.BigAutoField(primary_key=True))]),
    "a column that may be empty": migrations.AddField("chair", "arms", models.IntegerField(null=True)),
    "a column the database fills": migrations.AddField("chair", "arms", models.IntegerField(db_default=0)),
    "a table between two": migrations.AddField("chair", "next_to", models.ManyToManyField("shop.chair")),
    "longer text": migrations.AlterField("chair", "name", models.CharField(max_length=30)),
    "text without end": migrations.AlterField("chair", "name", models.TextField()),
    "wider numbers": migrations.AlterField("chair", "legs", models.BigIntegerField(null=True, default=4)),
    "more digits": migrations.AlterField("chair", "weight", models.DecimalField(max_digits=8, decimal_places=2)),
    "a column that may be empty from now on": migrations.AlterField(
        "chair", "name", models.CharField(max_length=20, null=True)
    ),
    "NOT NULL where running code has a default": migrations.AlterField("chair", "legs", models.IntegerField(default=4)),
    "other choices": migrations.AlterField("chair", "name", models.CharField(max_length=20, choices=[("a", "A")])),
    "an index on a small table": migrations.AddIndex("chair", INDEX),
    "SQL that can be undone": migrations.RunSQL("INSERT INTO a VALUES (1)", "SELECT 1"),
    "Python that can be undone": migrations.RunPython(noop, noop),
    "what only the state knows": migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("chair", "legs")]
    ),
}
BREAKING = {
    "DeleteModel Chair": migrations.DeleteModel("Chair"),
    "RenameModel Chair": migrations.RenameModel("Chair", "Seat"),
    "AlterModelTable Chair": migrations.AlterModelTable("Chair", "seats"),
    "RemoveField chair.legs": migrations.RemoveField("chair", "legs"),
    "RenameField chair.legs": migrations.RenameField("chair", "legs", "feet"),
    "AddField chair.arms": migrations.AddField("chair", "arms", models.IntegerField(default=0)),
    "AlterField chair.name": migrations.AlterField("chair", "name", models.CharField(max_length=10)),
    "AlterField chair.note": migrations.AlterField("chair", "note", models.CharField(max_length=20, default="")),
    "AlterField chair.weight": migrations.AlterField("chair", "weight", models.DecimalField(max_digits=5, decimal_places=3)),
    "AlterField chair.legs": migrations.AlterField("chair", "legs", models.CharField(max_length=9, null=True)),
    "AlterField chair.colour": migrations.AlterField("chair", "colour", models.CharField(max_length=9)),
    "AlterUniqueTogether chair": migrations.AlterUniqueTogether("chair", {("name", "legs")}),
    "AddConstraint chair": migrations.AddConstraint("chair", CHECK),
    "RunSQL": migrations.RunSQL("INSERT INTO a VALUES (1)"),
    "RunPython": migrations.RunPython(noop),
    "BtreeGistExtension btree_gist": BtreeGistExtension(),
    "SeparateDatabaseAndState's RemoveField chair.legs": migrations.SeparateDatabaseAndState(
        [migrations.RemoveField("chair", "legs")]
    ),
}


@pytest.mark.parametrize("what", SAFE)
def test_what_running_code_does_not_notice_passes(what):
    assert dangers(SAFE[what]) == []


@pytest.mark.parametrize("what", BREAKING)
def test_what_running_code_would_not_survive_is_named(what):
    (found,) = dangers(BREAKING[what])
    told = what.removeprefix("SeparateDatabaseAndState's ")
    assert (found.migration, found.operation) == ("shop.0002_next", told)
    assert found.why


def test_unique_where_it_was_not_is_refused():
    (found,) = dangers(migrations.AlterField("chair", "name", models.CharField(max_length=20, unique=True)))
    assert found.why == "running code may write the same value twice"


def test_on_a_big_table_an_index_is_built_beside_traffic_only():
    beside = [AddIndexConcurrently("chair", INDEX)]
    assert [d.operation for d in dangers(migrations.AddIndex("chair", INDEX), big=["shop_chair"])] == ["AddIndex chair"]
    assert dangers(*beside, big=["shop_chair"], atomic=False) == []
    indexed = migrations.AddField("chair", "arms", models.IntegerField(null=True, db_index=True))
    assert len(dangers(indexed, big=["shop_chair"])) == 1 and dangers(indexed) == []


def test_a_big_table_is_not_rewritten():
    wider = migrations.AlterField("chair", "legs", models.BigIntegerField(null=True, default=4))
    each_its_own = migrations.AddField("chair", "at", models.UUIDField(db_default=models.Func(function="gen_random_uuid")))
    assert [len(dangers(op, big=["shop_chair"])) for op in (wider, each_its_own)] == [1, 1]
    assert dangers(migrations.AddField("chair", "at", models.DateTimeField(db_default=Now())), big=["shop_chair"]) == []


def test_a_table_that_is_new_itself_may_be_changed_at_will():
    stool = migrations.CreateModel("Stool", [("id", models.BigAutoField(primary_key=True))])
    assert dangers(stool, migrations.AddField("stool", "legs", models.IntegerField()), migrations.DeleteModel("Stool")) == []


def test_sql_that_takes_away_needs_to_be_declared_safe():
    drop = migrations.RunSQL("ALTER TABLE shop_chair DROP COLUMN legs", "ALTER TABLE shop_chair ADD COLUMN legs int")
    assert len(dangers(drop)) == 1
    assert dangers(drop, safe="no code has read it since 1.4") == []


def test_an_extension_is_made_by_a_shared_app():
    assert dangers(BtreeGistExtension(), clinics=()) == []


def test_outside_a_transaction_only_what_can_be_begun_anew_may_run():
    add = migrations.AddField("chair", "arms", models.IntegerField(null=True))
    assert [d.operation for d in dangers(add, atomic=False)] == ["AddField chair.arms"]
    assert dangers(add, atomic=True) == []


def test_an_operation_that_the_table_does_not_know_is_refused():
    class Strange(migrations.operations.base.Operation):
        def state_forwards(self, app_label, state):
            pass

    (found,) = dangers(Strange())
    assert "teach it" in found.why
