import pytest

from trading_operator.api.resources import Images
from trading_operator.catalog import Catalog

DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ({}, "host:5000/team/workload:1"),
        ({"tag": "2"}, "host:5000/team/workload:2"),
        ({"repository": "other/workload"}, "other/workload:1"),
        ({"repository": "other/workload", "tag": "3"}, "other/workload:3"),
        ({"digest": DIGEST, "tag": "3"}, f"host:5000/team/workload@{DIGEST}"),
    ],
    ids=["catalog", "tag", "repository", "both", "digest-wins"],
)
def test_image_is_the_catalogs_with_what_the_object_says(images: dict[str, str], expected: str) -> None:
    assert Catalog(workload="host:5000/team/workload:1").workload_image(Images.model_validate(images)) == expected


def test_port_of_a_registry_is_no_tag() -> None:
    assert Catalog(workload="host:5000/workload").workload_image(Images(repository="a/b")) == "a/b:latest"
