"""Does a connection go back to the pool as if nobody had used it?"""

import psycopg
import pytest
from django.db import connection

from healthcare.core.postgresql.pool import forget_place


@pytest.mark.django_db
def test_a_connection_goes_back_without_role_path_or_settings(north):
    known = connection.get_connection_params()
    wanted = {name: known[name] for name in ("host", "port", "dbname", "user", "password")}
    with psycopg.connect(**wanted) as ours:
        before = ours.execute("SHOW search_path").fetchone()
        ours.execute(f'SET ROLE "{north.schema_name}"')
        ours.execute(f'SET search_path = "{north.schema_name}"')
        ours.commit()
        forget_place(ours)
        assert ours.execute("SELECT current_user = session_user").fetchone() == (True,)
        assert ours.execute("SHOW search_path").fetchone() == before
