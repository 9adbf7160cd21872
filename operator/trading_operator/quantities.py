"""Kubernetes quantities as numbers: `500m` and `0.5` are the same amount of CPU, `1Gi` and `1024Mi` of memory."""

import re
from decimal import Decimal
from typing import Final

_FACTORS: Final = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9),
    "T": Decimal(10**12), "P": Decimal(10**15), "E": Decimal(10**18),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30),
    "Ti": Decimal(2**40), "Pi": Decimal(2**50), "Ei": Decimal(2**60),
}  # fmt: skip
_QUANTITY: Final = re.compile(r"([+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|)")


def parse_quantity(text: str) -> Decimal:
    """Return the amount that a quantity stands for. Raises ValueError for what is none."""
    found = _QUANTITY.fullmatch(text)
    if not found:
        raise ValueError(f'found "{text}", expected a quantity such as 100m, 2, 128Mi or 5Gi')
    return Decimal(found[1]) * _FACTORS[found[2]]


def same_amount(one: object, other: object) -> bool:
    """Tell whether two written amounts are the same; what is no amount is the same only when it is equal."""
    try:
        return parse_quantity(str(one)) == parse_quantity(str(other))
    except ValueError:
        return one == other
