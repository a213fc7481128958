"""What do all tests stand on? Two open clinics made once a run, people signed in.

Tests use the application's own database role, never the owner's: a right that is missing must show.
"""

import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """The test cluster is ours alone: make the schemas in it, afresh, with the owner's rights; two clinics for all tests."""
    from healthcare.tests.database import close_pools, make_fresh

    with django_db_blocker.unblock():
        make_fresh()
    yield
    with django_db_blocker.unblock():
        close_pools()


def pytest_configure(config: pytest.Config) -> None:
    """Real Argon2 at its lightest: hundreds of people are made in a run, and refused."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["healthcare.tests.hashing.LightArgon2"]
    settings.SIGN_IN_BEAT = 0  # nobody is to be kept from hearing who is there


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from healthcare.tests.sharing import scheduler

    return scheduler(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that touch the database may touch the key store too; who needs the product is where the product is."""
    from healthcare.tests.sharing import PRODUCT, group_of, longest_first

    longest_first(items)
    strays = {i.nodeid for i in items if PRODUCT in getattr(i, "fixturenames", ()) and group_of(i.nodeid) != PRODUCT}
    if strays:
        raise pytest.UsageError(f"healthcare/tests/sharing.py must name the files of {sorted(strays)}")
    for item in items:
        marks = list(item.iter_markers("django_db"))
        if not marks and "db" in getattr(item, "fixturenames", ()) and "committed" not in item.fixturenames:  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.django_db(databases=["default", "keystore"]))
        for mark in marks:
            mark.kwargs.setdefault("databases", ["default", "keystore"])


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a process keeps in memory must not pass from test to test."""
    from healthcare.tests.database import forget_everything

    forget_everything()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Any:
    """Rolled back after the test, or (for `committed` tests) real commits."""
    return request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")


@pytest.fixture
def north(database: None) -> Any:
    return _clinic("north")


@pytest.fixture
def south(database: None) -> Any:
    return _clinic("south")


def _clinic(slug: str) -> Any:
    from clinics.models import Clinic
    from healthcare.core.tenancy import on_platform

    with on_platform():
        return Clinic.objects.get(slug=slug)


@pytest.fixture
def in_north(north: Any) -> Iterator[Any]:
    from healthcare.core.tenancy import in_clinic

    with in_clinic(north):
        yield north


@pytest.fixture
def member(north: Any) -> Callable[..., Any]:
    """`member("receptionist")`, `member("doctor", clinic=south)`."""
    from healthcare.tests import make

    return lambda role, clinic=None, **known: make.member(role, clinic or north, **known)


@pytest.fixture
def api(north: Any, member: Callable[..., Any]) -> Callable[..., Any]:
    """`api("receptionist")`: a client signed in at north; `api()`: nobody; `api(member=m, clinic="south")`: that person."""
    from healthcare.tests.client import client

    def make_client(role: str | None = None, *, clinic: str | None = "north", member_: Any = None, **more: Any) -> Any:
        who = member_ or more.get("member") or (member(role, clinic=_clinic(clinic or "north")) if role else None)
        return client(who, clinic)

    return make_client


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """For races: real commits on real connections; afterwards every table is emptied but the clinics' own rows."""
    from healthcare.tests.database import empty

    with django_db_blocker.unblock():
        yield
        empty()


@pytest.fixture(scope="session")
def product() -> Iterator[Any]:
    """The whole product with demo data on ports of its own: web, worker, ticker, services. Limits are raised.

    PRODUCT_URL plays against a server that runs already (then tests that break parts of it, or read its logs, fail).
    """
    from healthcare.embedded.product import running_product

    if url := os.environ.get("PRODUCT_URL"):
        yield SimpleNamespace(base_url=url)
        return
    with running_product(env={"LIMITS_TIMES": "1000", "RATE_LIMIT_MAX": "1000000"}) as running:
        yield running


@pytest.fixture
def texts(settings: Any) -> Iterator[Any]:
    """A provider of SMS and WhatsApp on this machine (healthcare.tests.providers), which both channels send to."""
    from healthcare.core import env
    from healthcare.tests.providers import provider

    with provider() as there, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMS_URL", there.sms_url)
        patch.setenv("WHATSAPP_URL", there.whatsapp_url)
        settings.SMS, settings.SMS_FROM = env.account("SMS_URL"), "+15550001111"
        settings.WHATSAPP = env.account("WHATSAPP_URL")
        settings.MESSAGE_TIMEOUT = 0.4
        yield there
