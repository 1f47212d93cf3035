from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cognomen.crypto import openssl, powers

exponents = st.integers(min_value=0, max_value=(1 << 256) - 1)
bases = st.integers(min_value=1, max_value=powers.MODULUS - 1)


@pytest.fixture
def without_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(powers, "_by_openssl", lambda: None)


@pytest.fixture
def without_gmpy2(monkeypatch: pytest.MonkeyPatch, without_openssl: None) -> None:
    monkeypatch.setattr(powers, "gmpy2", None)


def test_the_table_is_what_runs_here() -> None:
    """Without gmpy2 the tests below would compare `pow` with `pow`."""
    powers.power_of_generator(5)
    assert powers._build.cache_info().currsize == 1


@settings(deadline=None, max_examples=30)
@given(exponents)
@example(0)
@example(1)
@example(255)
@example(256)
@example((1 << 256) - 1)
def test_a_power_of_two_is_the_same_from_the_table(exponent: int) -> None:
    assert powers.power_of_generator(exponent) == pow(2, exponent, powers.MODULUS)


@pytest.mark.parametrize("exponent", [1 << 256, (1 << 256) + 12345, 1 << 1024])
def test_an_exponent_too_long_for_the_table_counts_too(exponent: int) -> None:
    assert powers.power_of_generator(exponent) == pow(2, exponent, powers.MODULUS)


def test_openssl_is_what_runs_here() -> None:
    """Otherwise the tests below would compare gmpy2 with `pow` twice."""
    assert powers._by_openssl() is not None


@settings(deadline=None, max_examples=20)
@given(bases, exponents)
@example(1, 5)
@example(3, 0)
@example(0, 5)
@example(powers.MODULUS - 1, (1 << 256) - 1)
@example(powers.MODULUS + 3, 2)
@example(5, 1 << 3071)
def test_a_power_of_any_number_is_the_same_with_openssl(base: int, exponent: int) -> None:
    expected = pow(base, exponent, powers.MODULUS)
    assert powers.power(base, exponent) == expected
    assert powers.power(base, exponent, is_public=True) == expected


@pytest.mark.usefixtures("without_openssl")
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bases, exponents)
def test_a_power_of_any_number_is_the_same_with_gmpy2(base: int, exponent: int) -> None:
    assert powers.power(base, exponent) == pow(base, exponent, powers.MODULUS)


def test_threads_compute_powers_at_the_same_time() -> None:
    exponents = [1 << 255 | number for number in range(64)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda exponent: powers.power(3, exponent), exponents))
    assert found == [pow(3, exponent, powers.MODULUS) for exponent in exponents]


def test_where_openssl_hides_its_functions_the_others_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hidden:
        def __init__(self, _path: str | None) -> None:
            pass

    monkeypatch.setattr("ctypes.CDLL", Hidden)
    assert openssl.exponentiation(powers.MODULUS) is None


@pytest.mark.usefixtures("without_gmpy2")
@pytest.mark.parametrize("exponent", [0, 1, 0xABCDEF << 200, 1 << 300])
def test_without_gmpy2_the_powers_are_the_same(exponent: int) -> None:
    assert powers.power_of_generator(exponent) == pow(2, exponent, powers.MODULUS)
    assert powers.power(3, exponent) == pow(3, exponent, powers.MODULUS)


def test_threads_that_need_the_table_first_share_one() -> None:
    powers._build.cache_clear()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(powers.power_of_generator, [1 << 255] * 8))
    assert set(found) == {pow(2, 1 << 255, powers.MODULUS)}
    assert powers._build.cache_info().misses == 1


def test_the_group_is_the_one_of_the_standard() -> None:
    digits = format(powers.MODULUS, "X")
    assert len(digits) == 2 * powers.WIDTH
    # RFC 3526 §4 defines this prime by a formula; pi's digits are what its middle consists of.
    half = powers.MODULUS - (1 << 3072) + (1 << 3008) + 1
    assert half == ((pi_to(2942) + 1690314) << 64)


def pi_to(bits: int) -> int:
    """floor(pi * 2^bits), by Machin's formula."""

    def arctangent_of_inverse(number: int, scale: int) -> int:
        term = total = scale // number
        divisor, sign = 1, 1
        while term:
            term //= number * number
            divisor += 2
            sign = -sign
            total += sign * (term // divisor)
        return total

    scale = 1 << (bits + 64)
    return 4 * (4 * arctangent_of_inverse(5, scale) - arctangent_of_inverse(239, scale)) >> 64


@settings(deadline=None, max_examples=20)
@given(bases, bases)
@example(0, 5)
@example(powers.MODULUS - 1, powers.MODULUS - 1)
def test_a_product_is_the_same_with_gmpy2(one: int, other: int) -> None:
    assert powers.product(one, other) == one * other % powers.MODULUS


def test_a_product_is_the_same_without_gmpy2(without_gmpy2: None) -> None:
    assert powers.product(powers.MODULUS - 1, powers.MODULUS - 2) == 2
