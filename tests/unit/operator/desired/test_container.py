import pytest

from trading_operator.api.resources import Resources
from trading_operator.desired.container import build_resources

DEFAULTS = Resources.model_validate(
    {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}}
)


@pytest.mark.parametrize(
    ("asked", "requests", "limits"),
    [
        ({}, {"cpu": "50m", "memory": "128Mi"}, {"cpu": "1", "memory": "512Mi"}),
        ({"requests": {"memory": "2Gi"}}, {"cpu": "50m", "memory": "2Gi"}, {"cpu": "1", "memory": "2Gi"}),
        ({"limits": {"memory": "64Mi"}}, {"cpu": "50m", "memory": "64Mi"}, {"cpu": "1", "memory": "64Mi"}),
        ({"limits": {"cpu": "2"}}, {"cpu": "50m", "memory": "128Mi"}, {"cpu": "2", "memory": "512Mi"}),
        (
            {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}},
            {"cpu": "2", "memory": "128Mi"},
            {"cpu": "1", "memory": "512Mi"},
        ),
    ],
    ids=["defaults", "large-request", "small-limit", "large-limit", "contradiction-is-the-users"],
)
def test_default_amounts_yield_to_what_is_asked(
    asked: dict[str, dict[str, str]], requests: dict[str, str], limits: dict[str, str]
) -> None:
    built = build_resources(Resources.model_validate(asked), DEFAULTS)
    assert (built.requests, built.limits) == (requests, limits)
