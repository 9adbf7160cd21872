"""Who we are to the API server: the pod's service account, else a kubeconfig, read by the official client's loaders."""

import ssl
from dataclasses import dataclass

from kubernetes import client, config

from trading_operator.errors import SettingsError


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
        """Return the TLS settings: the cluster's authority, and our certificate where there is one."""
        context = ssl.create_default_context(cafile=self.configuration.ssl_ca_cert)
        if not self.configuration.verify_ssl:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.configuration.cert_file:
            context.load_cert_chain(self.configuration.cert_file, self.configuration.key_file)
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
        except config.ConfigException as error:
            raise SettingsError(
                f"no way to the API server: found neither a service account nor a usable kubeconfig ({error}); "
                "set KUBECONFIG to the file of the cluster"
            ) from error
        return Credentials(configuration, in_cluster=False)
    return Credentials(configuration, in_cluster=True)
