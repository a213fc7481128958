"""Does each process of a shared run have tests and services of its own?"""

from types import SimpleNamespace

from healthcare.embedded.layout import Profile
from healthcare.embedded.testing import _of_this_run
from healthcare.tests import sharing


def test_all_services_that_a_run_may_have_started_are_ended_and_no_others(tmp_path):
    for name in ("test", "test-gw0", "test-gw1", "dev", "tests-gw0"):
        (tmp_path / ".local" / name).mkdir(parents=True)

    ended = [profile.name for profile in _of_this_run(Profile("test", tmp_path))]

    assert ended == ["test", "test-gw0", "test-gw1"]


def test_a_file_stays_together_and_so_do_all_tests_of_the_product():
    def test(file, *fixtures):
        return SimpleNamespace(nodeid=f"{file}::test_one[a::b]", fixturenames=fixtures)

    assert sharing.group_of(test("a/test_x.py", "db")) == "a/test_x.py"
    assert {sharing.group_of(test("a/test_x.py", "product")), sharing.group_of(test("b/test_y.py", "product"))} == {"product"}


def test_each_long_group_is_there(pytestconfig):
    files = [group for group in sharing.LONG if group != sharing.PRODUCT]

    assert [file for file in files if not (pytestconfig.rootpath / file).exists()] == []
