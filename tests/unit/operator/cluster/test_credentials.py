import json
from pathlib import Path
from typing import Any

import pytest

from trading_operator.cluster.credentials import load_credentials
from trading_operator.errors import SettingsError

SERVER = "https://127.0.0.1:6443"


def write_kubeconfig(folder: Path, *, user: dict[str, Any] | None = None, **cluster: Any) -> str:
    path = folder / "kubeconfig"
    document = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "one", "user": "me"}}],
        "clusters": [{"name": "one", "cluster": {"server": SERVER, **cluster}}],
        "users": [{"name": "me", "user": user or {"token": "secret"}}],
    }
    path.write_text(json.dumps(document))
    return str(path)


def test_kubeconfig_says_where_and_who(tmp_path: Path) -> None:
    credentials = load_credentials(write_kubeconfig(tmp_path))
    assert (credentials.server, credentials.in_cluster) == (SERVER, False)
    assert credentials.headers() == {"Authorization": "Bearer secret"}


@pytest.mark.parametrize("text", ["", "5", "a: [", "clusters: 5", "current-context: here", "\0"])
def test_file_that_is_no_kubeconfig_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    with pytest.raises(
        SettingsError, match=rf"^no way to the API server: found .* in {path} \(.*set KUBECONFIG"
    ) as told:
        load_credentials(str(path))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("path", ["/nowhere/kubeconfig", "/"])
def test_kubeconfig_that_is_no_file_is_told(path: str) -> None:
    with pytest.raises(SettingsError, match="no usable kubeconfig"):
        load_credentials(path)


@pytest.mark.parametrize("server", ["nowhere", "ftp://here", "https://", "https://here:99999", "https://[::"])
def test_server_that_is_no_url_is_told(tmp_path: Path, server: str) -> None:
    with pytest.raises(SettingsError, match="no way to the API server: "):
        load_credentials(write_kubeconfig(tmp_path, server=server))


def test_authority_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    text = tmp_path / "ca.crt"
    text.write_text("no certificate")
    credentials = load_credentials(write_kubeconfig(tmp_path, **{"certificate-authority": str(text)}))
    with pytest.raises(SettingsError, match=f"found the cluster's authority unusable .* expected PEM in {text}"):
        credentials.ssl_context()


def test_certificate_of_ours_that_is_none_is_told(tmp_path: Path) -> None:
    text = tmp_path / "client.crt"
    text.write_text("no certificate")
    user = {"client-certificate": str(text), "client-key": str(text)}
    credentials = load_credentials(write_kubeconfig(tmp_path, user=user))
    with pytest.raises(SettingsError, match=f"found our certificate and its key unusable .* expected PEM in {text}"):
        credentials.ssl_context()
