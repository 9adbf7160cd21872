"""The machine's own way to Python packages and Debian packages, handed to a build without being kept in the image.

pip's settings come from files and from the environment; they are merged into one file, which the build sees as a
secret. The same goes for the certificates that the machine trusts and for its sources of Debian packages.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from devcluster.commands import run
from devcluster.toolchain import pip

CERTIFICATES_IN_BUILD = "/run/secrets/ca.crt"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
APT_SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))


def machine_settings() -> dict[str, str]:
    """Return pip's settings on this machine, from all of its files and its environment."""
    return parse_settings(run([*pip(), "config", "list"], purpose="read pip's settings").splitlines())


def parse_settings(lines: Iterable[str]) -> dict[str, str]:
    """Return the settings in the output of `pip config list`; the environment wins over files, as with pip."""
    from_files, from_environment = dict[str, str](), dict[str, str]()
    for line in lines:
        name, equals, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if equals:
            settings = from_environment if section == ":env:" else from_files
            settings[key] = value.strip().strip("'\"")
    return from_files | from_environment


def certificates(settings: dict[str, str]) -> Path | None:
    """Return the file of the certificates that pip trusts here: the one it is told, else the system's."""
    for candidate in (settings.get("cert"), os.environ.get("SSL_CERT_FILE"), SYSTEM_CERTIFICATES):
        if candidate and Path(candidate).is_file():
            return Path(candidate)
    return None


def render_pip_config(settings: dict[str, str], *, with_certificates: bool) -> str:
    """Return the pip.conf that a build sees."""
    kept = {name: value for name, value in settings.items() if name not in ("cert", "user", "target", "cache-dir")}
    if with_certificates:
        kept["cert"] = CERTIFICATES_IN_BUILD
    lines = [f"{name} = {value}" for name, value in sorted(kept.items())]
    return "\n".join(["[global]", *lines]) + "\n"


def local_wheels(settings: dict[str, str]) -> list[Path]:
    """Return the folders on this machine that pip also takes packages from."""
    folders = (Path(word) for word in settings.get("find-links", "").split() if word.startswith("/"))
    return [folder for folder in folders if folder.is_dir()]


def render_apt_sources(files: Iterable[Path] = APT_SOURCES) -> str:
    """Return the machine's sources of Debian packages as one text in the deb822 format, which holds either style."""
    stanzas = []
    for file in files:
        for source in sorted(file.iterdir()) if file.is_dir() else [file]:
            if source.suffix == ".sources":
                stanzas.append(source.read_text())
            elif source.suffix == ".list" and source.is_file():
                stanzas.extend(_as_stanza(line) for line in source.read_text().splitlines() if line.startswith("deb "))
    return "\n".join(stanza for stanza in stanzas if stanza)


def _as_stanza(line: str) -> str:
    words = [word for word in line.split() if not word.startswith("[") and not word.endswith("]")]
    _, uri, suite, *components = words
    return f"Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: {' '.join(components)}\n"


def first_mirror(sources: str) -> str | None:
    """Return the mirror that the first source names."""
    uris = (line.removeprefix("URIs:").split() for line in sources.splitlines() if line.startswith("URIs:"))
    return next((words[0] for words in uris if words), None)
