"""Other people's clients; in `verbs` stand assertions, which pytest shall explain as it does those of tests."""

import pytest

pytest.register_assert_rewrite("tests.conformance.clients.verbs")
