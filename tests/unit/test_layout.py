from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_operator_folder_is_no_package() -> None:
    """A file operator/__init__.py would hide the standard library's `operator` and break Python itself."""
    assert (ROOT / "operator" / "trading_operator" / "__init__.py").exists()
    assert not (ROOT / "operator" / "__init__.py").exists()


def test_lock_files_carry_hashes_and_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "--hash=sha256:" in text, lock.name
        assert "://" not in text, lock.name
        assert "index-url" not in text, lock.name
