"""The settings of an app client, as its owner gave them; kept like those of a pool (user_pool_settings.py)."""

from __future__ import annotations

from typing import Any

from msgspec import field

from cognomen.store.user_pool_settings import Settings

ALL_CLIENTS = "ALL"
"""Stands for the client's id where something is kept for a pool and may be kept for one of its clients."""

REGULAR, REGISTERED = "REGULAR", "DCR"
"""How a client came to be: an administrator made it, or an app registered itself."""


class TokenValidityUnits(Settings, frozen=True):
    access_token: str = "hours"
    id_token: str = "hours"
    refresh_token: str = "days"


class RefreshTokenRotation(Settings, frozen=True):
    feature: str
    retry_grace_period_seconds: int | None = None


class AppClientSettings(Settings, frozen=True):
    """Everything UpdateUserPoolClient may change, and what the client is from its beginning (`client_type`)."""

    refresh_token_validity: int = 30
    access_token_validity: int | None = None
    id_token_validity: int | None = None
    token_validity_units: TokenValidityUnits | None = None
    read_attributes: tuple[str, ...] | None = None
    write_attributes: tuple[str, ...] | None = None
    explicit_auth_flows: tuple[str, ...] | None = None
    supported_identity_providers: tuple[str, ...] | None = None
    callback_urls: tuple[str, ...] | None = field(default=None, name="CallbackURLs")
    logout_urls: tuple[str, ...] | None = field(default=None, name="LogoutURLs")
    default_redirect_uri: str | None = field(default=None, name="DefaultRedirectURI")
    allowed_oauth_flows: tuple[str, ...] | None = field(default=None, name="AllowedOAuthFlows")
    allowed_oauth_scopes: tuple[str, ...] | None = field(default=None, name="AllowedOAuthScopes")
    allowed_oauth_flows_user_pool_client: bool = field(default=False, name="AllowedOAuthFlowsUserPoolClient")
    analytics_configuration: dict[str, Any] | None = None
    prevent_user_existence_errors: str | None = None
    enable_token_revocation: bool = True
    enable_propagate_additional_user_context_data: bool = False
    auth_session_validity: int = 3
    refresh_token_rotation: RefreshTokenRotation | None = None
    client_type: str = REGULAR

    @property
    def rotates_refresh_tokens(self) -> bool:
        """Whether refresh tokens are replaced when they are used."""
        return self.refresh_token_rotation is not None and self.refresh_token_rotation.feature == "ENABLED"
