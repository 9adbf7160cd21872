"""Who we are to the API server: the pod's service account, else a kubeconfig, read by the official client's loaders."""

import ssl
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from kubernetes import client, config

from trading_operator.errors import SettingsError

_A_SERVER: Final = "a URL such as https://127.0.0.1:6443"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where the API server is and how to prove who we are; tokens are read again as they rotate."""

    configuration: client.Configuration
    in_cluster: bool

    @property
    def server(self) -> str:
        return str(self.configuration.host).rstrip("/")

    def headers(self) -> dict[str, str]:
        """Return the header that proves who we are, or none where a certificate does."""
        token = self.configuration.get_api_key_with_prefix("BearerToken")
        token = token or self.configuration.get_api_key_with_prefix("authorization")
        return {"Authorization": token} if token else {}

    def ssl_context(self) -> ssl.SSLContext:
        """Return the TLS settings: the cluster's authority, and our certificate where there is one.

        Raises SettingsError for a file that is none.
        """
        files = self.configuration
        try:
            context = ssl.create_default_context(cafile=files.ssl_ca_cert)
        except OSError as error:
            raise _no_certificate("the cluster's authority", files.ssl_ca_cert, error) from error
        if not files.verify_ssl:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if files.cert_file:
            try:
                context.load_cert_chain(files.cert_file, files.key_file)
            except OSError as error:
                raise _no_certificate("our certificate and its key", files.cert_file, error) from error
        return context


def load_credentials(kubeconfig: str | None = None) -> Credentials:
    """Return the credentials of the pod, or of a kubeconfig; without a path, of the one that the environment names.

    Raises SettingsError where there are neither.
    """
    configuration = client.Configuration()
    try:
        config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]  # the loaders have no types
    except config.ConfigException:
        try:
            config.load_kube_config(config_file=kubeconfig, client_configuration=configuration)  # type: ignore[no-untyped-call]  # the same
        except Exception as error:  # the loader stumbles in many ways over what is no kubeconfig
            where = kubeconfig or config.KUBE_CONFIG_DEFAULT_LOCATION
            found = f"found no service account and no usable kubeconfig in {where} ({_one_line(error)})"
            raise SettingsError(
                f"no way to the API server: {found}; set KUBECONFIG to the file of the cluster"
            ) from error
        _check_server(str(configuration.host))
        return Credentials(configuration, in_cluster=False)
    return Credentials(configuration, in_cluster=True)


def _check_server(server: str) -> None:
    try:
        url = urlsplit(server)
        usable = url.scheme in {"http", "https"} and url.hostname and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            f'no way to the API server: found server "{server}" in the kubeconfig, expected {_A_SERVER}'
        )


def _no_certificate(what: str, path: str | None, error: OSError) -> SettingsError:
    told = f"found {what} unusable ({_one_line(error)}), expected PEM in {path}"
    return SettingsError(f"no way to the API server: {told}")


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
