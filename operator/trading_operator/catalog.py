"""What this release names: its version, and every image that it runs unless the chart or an object says otherwise."""

from dataclasses import dataclass
from typing import Final

from trading_operator.api.resources import Images

RELEASE: Final = "0.1.0"
WORKLOAD_IMAGE: Final = "localhost/trading-workload:dev"
"""Services and runners."""
REDIS_IMAGE: Final = "localhost/redis:7"
"""Redis 7."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The images of a release, after the chart's overrides."""

    workload: str = WORKLOAD_IMAGE
    redis: str = REDIS_IMAGE
    release: str = RELEASE

    def workload_image(self, images: Images) -> str:
        """Return the image of the workloads, with what an object says about it."""
        if not (images.repository or images.tag or images.digest):
            return self.workload
        repository, tag = _split(self.workload)
        name = images.repository or repository
        if images.digest:
            return f"{name}@{images.digest}"
        return f"{name}:{images.tag or tag}"


def _split(image: str) -> tuple[str, str]:
    """Return the repository and the tag of an image; a colon before the last slash belongs to a port."""
    name = image.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        return name, "latest"
    return head, tag
