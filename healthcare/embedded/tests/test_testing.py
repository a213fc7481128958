"""Does each process of a shared run have tests and services of its own?"""

from healthcare.embedded.layout import Profile
from healthcare.embedded.testing import _of_this_run
from healthcare.tests import sharing


def test_all_services_that_a_run_may_have_started_are_ended_and_no_others(tmp_path):
    for name in ("test", "test-gw0", "test-gw1", "dev", "tests-gw0"):
        (tmp_path / ".local" / name).mkdir(parents=True)

    ended = [profile.name for profile in _of_this_run(Profile("test", tmp_path))]

    assert ended == ["test", "test-gw0", "test-gw1"]


def test_a_file_stays_together_and_so_do_all_tests_of_the_product():
    assert sharing.group_of("a/tests/test_x.py::test_one[a::b]") == "a/tests/test_x.py"
    assert sharing.group_of("a/tests/test_screen_browser.py::test_one") == sharing.PRODUCT
    assert sharing.group_of("healthcare/tests/e2e/test_journey.py::test_one") == sharing.PRODUCT


def test_each_long_group_is_there(pytestconfig):
    files = [group for group in sharing.LONG if group != sharing.PRODUCT]

    assert [file for file in files if not (pytestconfig.rootpath / file).exists()] == []
