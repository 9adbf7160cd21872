from pathlib import Path

from devcluster.pipsettings import first_mirror, local_wheels, parse_settings, render_apt_sources, render_pip_config

DEB822 = "Types: deb\nURIs: http://mirror.invalid/debian\nSuites: bookworm\nComponents: main\n"


def test_the_environment_wins_over_files_as_with_pip() -> None:
    lines = ["global.timeout='15'", "install.no-binary='x'", ":env:.timeout='180'", "nonsense"]
    assert parse_settings(lines) == {"timeout": "180", "no-binary": "x"}


def test_the_certificates_are_found_where_the_build_sees_them() -> None:
    text = render_pip_config({"cert": "/here/ca.pem", "timeout": "180"}, with_certificates=True)
    assert text == "[global]\ncert = /run/secrets/ca.crt\ntimeout = 180\n"


def test_without_certificates_none_are_named() -> None:
    assert render_pip_config({"cert": "/gone/ca.pem"}, with_certificates=False) == "[global]\n"


def test_only_folders_that_exist_are_shown_to_the_build(tmp_path: Path) -> None:
    assert local_wheels({"find-links": f"{tmp_path} /does/not/exist relative"}) == [tmp_path]


def test_both_styles_of_sources_become_one_text(tmp_path: Path) -> None:
    old = tmp_path / "sources.list"
    old.write_text("# comment\ndeb [signed-by=/k arch=amd64] http://old.invalid/debian bookworm main contrib\n")
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (folder / "debian.sources").write_text(DEB822)
    (folder / "other.disabled").write_text("deb http://disabled.invalid x main\n")
    text = render_apt_sources((old, folder, tmp_path / "absent"))
    assert "URIs: http://old.invalid/debian\nSuites: bookworm\nComponents: main contrib\n" in text
    assert DEB822 in text
    assert "disabled" not in text


def test_the_first_mirror_is_the_one_that_a_base_is_made_from() -> None:
    assert first_mirror(DEB822) == "http://mirror.invalid/debian"
    assert first_mirror("") is None
