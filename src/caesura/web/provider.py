"""/providers: who takes messages from us. Passwords go in and never come out."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from caesura.errors import Invalid
from caesura.messages.port import ProviderConfig
from caesura.store import provider
from caesura.store.database import Connection
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.request import Creating, Name, path_to
from caesura.web.trunk import Host, Port, Text
from caesura.web.views import Moment

router = APIRouter(prefix="/providers", tags=["providers"])

_Seconds = Annotated[float, Field(gt=0, le=300)]
_Ton = Annotated[int, Field(ge=0, le=255)]
_Short = Annotated[str, Field(max_length=200)]


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Smpp(_Options):
    """How a message centre wants SMPP 3.4 spoken; the defaults suit most."""

    kind: Literal["smpp"]
    system_type: _Short = ""
    service_type: _Short = ""
    source_ton: _Ton | None = Field(None, description="null: told from the sender.")
    source_npi: _Ton | None = None
    dest_ton: _Ton = 1
    dest_npi: _Ton = 1
    default_alphabet: Literal["gsm", "latin1"] = Field("gsm", description="What data_coding 0 is.")
    reference_bits: Literal[8, 16] = 8
    enquire_link_s: Annotated[float, Field(ge=0, le=3600)] = 30.0
    response_s: _Seconds = 10.0


class Http(_Options):
    """How an HTTP API takes messages."""

    kind: Literal["http"]
    dialect: Literal["twilio", "custom"] = "twilio"
    account: _Short | None = Field(None, description="Twilio's Account SID; null: the username.")
    status_callback: Annotated[str, Field(max_length=2000)] | None = None
    method: Literal["POST", "PUT", "GET"] = "POST"
    path: Annotated[str, Field(max_length=2000)] = "/"
    headers: dict[str, str] = {}
    body: Annotated[str, Field(max_length=10_000)] = ""
    content: Literal["form", "json"] = "json"
    id_at: _Short = "id"
    error_at: _Short = "message"
    error_code_at: _Short = "code"
    response_s: _Seconds = 10.0


class Smtp(_Options):
    """How a mail server takes submissions (RFC 6409)."""

    kind: Literal["smtp"]
    local_hostname: _Short | None = None
    message_id_domain: _Short | None = None
    response_s: _Seconds = 30.0


Options = Annotated[Smpp | Http | Smtp, Field(discriminator="kind")]
_PORT_OF = {"smpp": 2775, "http": 443, "smtp": 587}
_Tls = Literal["none", "tls", "starttls"]
_TLS_AT = {("http", 443), ("smtp", 465)}  # where TLS is spoken from the first byte (RFC 8314, 3.3)


class _Provider(BaseModel):
    """What a new provider and a change of one are alike in."""

    model_config = ConfigDict(extra="forbid")

    tls: _Tls | None = Field(
        None, description="Default: tls at port 443 (HTTP) and 465 (mail), else none."
    )
    tls_verify: bool = Field(True, description="false takes any certificate.")
    username: Text | None = Field(None, description="SMPP's system_id; Twilio's SID or API key.")
    password: SecretStr | None = None
    max_per_s: Annotated[float, Field(gt=0, le=100_000)] | None = Field(
        None, description="Messages per second, their segments counted, all cells."
    )
    window_size: Annotated[int, Field(ge=1, le=10_000)] = Field(
        10, description="Messages without an answer at once, all cells."
    )
    enabled: bool = True

    def _stored(self) -> dict[str, Any]:
        """Every column, the password in the clear."""
        found = self.model_dump(exclude={"name"})
        found["password"] = self.password.get_secret_value() if self.password else None
        return found


class NewProvider(_Provider):
    """A provider to add."""

    name: Text
    host: Host
    port: Port | None = Field(None, description="Default: 2775 (SMPP), 443 (HTTP), 587 (SMTP).")
    options: Options

    def values(self) -> dict[str, Any]:
        """Every column, the password in the clear."""
        kind = self.options.kind
        port = self.port or _PORT_OF[kind]
        tls = self.tls or ("tls" if (kind, port) in _TLS_AT else "none")
        return self._stored() | {"port": port, "tls": tls}


class ProviderChange(_Provider):
    """What to change; what is left out stays, and null clears what may be empty."""

    host: Host = ""
    port: Port = 0
    options: Options | None = Field(None, description="All of them; null changes none.")

    def given(self) -> dict[str, Any]:
        """The columns that the request names, the password in the clear."""
        return {
            name: value
            for name, value in self._stored().items()
            if name in self.model_fields_set and not (name in ("options", "tls") and value is None)
        }


class ProviderHealth(BaseModel):
    """How one cell finds the provider."""

    cell_id: UUID
    node: str
    reachable: bool
    bound: bool | None = Field(description="Logged in; null where each message asks for it.")
    throttled: bool = Field(description="It asked for less, and gets less for a while.")
    detail: str
    at: Moment


class ProviderView(BaseModel):
    """A provider."""

    id: int
    name: str
    host: str
    port: int
    tls: _Tls
    tls_verify: bool
    username: str | None
    has_password: bool
    max_per_s: float | None
    window_size: int
    options: dict[str, Any]
    enabled: bool
    created_at: Moment
    health: list[ProviderHealth]


@router.get("")
async def list_providers(database: Db, actor: Actor, paging: PagingQuery) -> Page[ProviderView]:
    """Providers by name, with how each running cell finds them."""
    async with database.transaction() as conn:
        rows = await provider.page(conn, after=paging.after_text(), limit=paging.fetch)
    return paging.page(rows, lambda row: row["name"], ProviderView.model_validate)


@router.post("", status_code=201, response_model=ProviderView)
async def create_provider(new: NewProvider, creating: Creating) -> Response:
    """Add a provider; cells connect to it at once."""
    values = new.values()
    _check(new.name, values)

    async def work(conn: Connection) -> ProviderView:
        return ProviderView.model_validate(await provider.create(conn, new.name, values))

    return await creating.run(work, location=lambda body: path_to("providers", body["name"]))


@router.get("/{name}")
async def get_provider(name: Name, database: Db, actor: Actor) -> ProviderView:
    """One provider."""
    async with database.transaction() as conn:
        return ProviderView.model_validate(await provider.read(conn, name))


@router.patch("/{name}")
async def change_provider(
    name: Name, change: ProviderChange, database: Db, actor: Actor
) -> ProviderView:
    """Change a provider; cells take it up at once."""
    async with database.transaction() as conn:
        now = await provider.locked(conn, name)
        values = {column: now[column] for column in provider.EDITABLE} | change.given()
        _check(name, values)
        return ProviderView.model_validate(await provider.update(conn, name, values))


@router.delete("/{name}", status_code=204)
async def delete_provider(name: Name, database: Db, actor: Actor) -> None:
    """Remove a provider that no campaign which may still send uses."""
    async with database.transaction() as conn:
        await provider.delete(conn, name)


def _check(name: str, values: dict[str, Any]) -> None:
    """What the messenger could not use is refused here. Raises Invalid."""
    plain = {column: value for column, value in values.items() if column != "enabled"}
    plain["window"] = plain.pop("window_size")
    try:
        ProviderConfig.of({"name": name, **plain})
    except msgspec.ValidationError as error:
        raise Invalid(f"The provider cannot be used: {error}.", "options") from None
    if values["tls"] == "starttls" and values["options"]["kind"] != "smtp":
        raise Invalid("starttls is for mail servers; choose tls or none.", "tls")
    if values["tls"] == "none" and (values["options"]["kind"], values["port"]) in _TLS_AT:
        raise Invalid(
            f"Port {values['port']} wants TLS: choose tls, or name the port that goes without.",
            "tls",
        )
    if values["options"]["kind"] == "smpp" and not values["username"]:
        raise Invalid("A message centre wants a username (its system_id).", "username")
