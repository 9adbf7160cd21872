import pytest

from tests.unit.operator.cluster.writing import Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()
