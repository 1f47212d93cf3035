from __future__ import annotations

import pytest

from cognomen.risk.exceptions import is_in


@pytest.mark.parametrize(
    ("address", "ranges", "lies_in"),
    [
        ("192.0.2.7", ["192.0.2.0/24"], True),
        ("192.0.3.7", ["192.0.2.0/24"], False),
        ("192.0.3.7", ["192.0.2.0/24", "192.0.3.7/32"], True),
        ("192.0.2.7", ["192.0.2.99/24"], True),
        ("::ffff:192.0.2.7", ["192.0.2.0/24"], True),
        ("192.0.2.7", ["::ffff:192.0.2.0/120"], True),
        ("192.0.3.7", ["::ffff:192.0.2.0/120"], False),
        ("2001:db8::1", ["2001:db8::/32"], True),
        ("2001:DB8:0:0::1", ["2001:db8::/32"], True),
        ("2001:db9::1", ["2001:db8::/32"], False),
        ("192.0.2.7", ["2001:db8::/32"], False),
        ("192.0.2.7", ["::/0"], False),
        ("192.0.2.7", [], False),
        ("fe80::1%eth0", ["fe80::/10"], True),
        ("64:ff9b::c000:207", ["192.0.2.0/24"], True),
        ("64:ff9b::c000:307", ["192.0.2.0/24"], False),
        ("64:ff9b::c000:207", ["64:ff9b::/96"], True),
        ("192.0.2.7", ["64:ff9b::/96"], False),
        ("192.0.2.7:443", ["0.0.0.0/0", "::/0"], False),
        ("not an address", ["0.0.0.0/0"], False),
        (None, ["0.0.0.0/0", "::/0"], False),
    ],
)
def test_an_address_lies_in_a_range_however_either_is_written(
    address: str | None, ranges: list[str], lies_in: bool
) -> None:
    assert is_in(address, ranges) is lies_in
