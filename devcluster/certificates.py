"""The certificates of an instance: one authority, and a certificate for each part that speaks.

Made with the openssl command, so that this package needs no cryptography of its own. Elliptic curve keys, because they
are made in no time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devcluster.commands import run
from devcluster.instance import SERVICE_SUBNET, Instance

DAYS = "3650"
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
FRONT_PROXY = "front-proxy-client"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a certificate names: the user, its group, and the addresses under which a server is reached."""

    file: str
    user: str
    group: str = ""
    addresses: Sequence[str] = ()

    @property
    def subject(self) -> str:
        return f"/O={self.group}/CN={self.user}" if self.group else f"/CN={self.user}"

    @property
    def extensions(self) -> str:
        lines = ["keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth,clientAuth"]
        if self.addresses:
            lines.append(f"subjectAltName={','.join(self.addresses)}")
        return "\n".join(lines) + "\n"


def identities(instance: Instance) -> list[Identity]:
    """Return everyone who gets a certificate in this instance."""
    node = instance.node_name
    return [
        Identity("apiserver", "kube-apiserver", addresses=api_server_addresses(instance)),
        Identity("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters"),
        Identity("admin", "devcluster-admin", "system:masters"),
        Identity("controller-manager", "system:kube-controller-manager"),
        Identity("scheduler", "system:kube-scheduler"),
        Identity("kubelet", f"system:node:{node}", "system:nodes", (f"DNS:{node}", f"IP:{instance.node_address}")),
        Identity("proxy", "system:kube-proxy"),
        Identity("front-proxy", FRONT_PROXY),
    ]


def api_server_addresses(instance: Instance) -> list[str]:
    """Return the names under which the API server is reached: from this machine, from the node and from pods."""
    names = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"]
    addresses = ["127.0.0.1", str(SERVICE_SUBNET[1]), str(instance.host_address)]
    return [f"DNS:{name}" for name in names] + [f"IP:{address}" for address in addresses]


def make_certificates(instance: Instance) -> None:
    """Write the authority, every identity and the key that signs service account tokens into the pki folder."""
    pki = instance.pki
    pki.mkdir(parents=True, exist_ok=True)
    pki.chmod(0o700)
    _openssl(
        pki, "req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.crt", "-days", DAYS,
        "-subj", f"/CN=devcluster-{instance.name}-ca",
    )  # fmt: skip
    for identity in identities(instance):
        _sign(pki, identity)
    _openssl(pki, "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "service-accounts.key")


def _sign(pki: Path, identity: Identity) -> None:
    name = identity.file
    (pki / f"{name}.ext").write_text(identity.extensions)
    _openssl(pki, "req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", identity.subject)
    _openssl(
        pki, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", DAYS, "-extfile", f"{name}.ext", "-out", f"{name}.crt",
    )  # fmt: skip


def _openssl(pki: Path, *arguments: str) -> None:
    run(["openssl", *arguments], purpose="make the certificates of the cluster", cwd=pki)
