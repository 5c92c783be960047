"""RFC 7636 to the letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_auth.oauth.authorization import base64url, challenge_of, make_proof, make_state
from claude_auth.security.secret import Secret

#: Hypothesis builds its table of characters once, and the machine may be busy.

#: Appendix B: 32 octets, the verifier that they make, and its challenge.
OCTETS = bytes.fromhex("7418dfb49799e0254ffa607dd8adbbba16d4254d69d6bff05b58055853848d79")
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_appendix_b() -> None:
    proof = make_proof(lambda count: OCTETS[:count])
    assert proof.verifier == Secret(VERIFIER)
    assert proof.challenge == CHALLENGE


def test_appendix_a() -> None:
    assert base64url(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"


@pytest.mark.parametrize("text", ["a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "\n", "ä" * 43])
def test_refuses_a_verifier_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="43 to 128"):
        challenge_of(Secret(text))


@given(st.binary(min_size=32, max_size=32))
def test_every_verifier_is_allowed(octets: bytes) -> None:
    proof = make_proof(lambda _: octets)
    assert len(proof.verifier) == len(proof.challenge) == 43
    assert challenge_of(proof.verifier) == proof.challenge


def test_nothing_shows_itself() -> None:
    proof, state = make_proof(), make_state()
    assert proof.verifier.reveal() not in repr(proof)
    assert state.reveal() not in repr(state)
    assert make_state() != state
