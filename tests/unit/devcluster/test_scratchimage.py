import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

from devcluster.scratchimage import write_image


def make_image(folder: Path) -> tarfile.TarFile:
    program = folder / "pause"
    program.write_bytes(b"\x7fELF of some kind")
    write_image(folder / "image.tar", "localhost/pause:1", program)
    return tarfile.open(folder / "image.tar")


def member(image: tarfile.TarFile, name: str) -> bytes:
    content = image.extractfile(name)
    assert content is not None
    return content.read()


def manifest(image: tarfile.TarFile) -> dict[str, Any]:
    (entry,) = json.loads(member(image, "manifest.json"))
    return dict(entry)


def test_the_manifest_names_the_image_its_configuration_and_its_layer(tmp_path: Path) -> None:
    with make_image(tmp_path) as image:
        entry = manifest(image)
        assert entry["RepoTags"] == ["localhost/pause:1"]
        assert {entry["Config"], *entry["Layers"]} < set(image.getnames())


def test_the_digests_are_those_of_the_contents(tmp_path: Path) -> None:
    with make_image(tmp_path) as image:
        entry = manifest(image)
        config, layer = member(image, entry["Config"]), member(image, entry["Layers"][0])
        assert entry["Config"] == f"{hashlib.sha256(config).hexdigest()}.json"
        assert json.loads(config)["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]


def test_the_program_is_executable_and_runs_without_rights(tmp_path: Path) -> None:
    with make_image(tmp_path) as image:
        config = json.loads(member(image, manifest(image)["Config"]))["config"]
    assert config == {"Entrypoint": ["/pause"], "User": "65532:65532"}


def test_no_half_written_layer_is_left_beside_the_image(tmp_path: Path) -> None:
    make_image(tmp_path).close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["image.tar", "pause"]
