"""/lists and /imports: upload a customer list, follow its import, look at what was refused.

An upload is written to disk as it arrives and imported by a task of this process. The answer
comes as soon as the file proves to be a list; `GET /imports/{id}` tells how far it is.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, ValidationError

from caesura.errors import Invalid, NotFound
from caesura.lists.importing import Preview, preview
from caesura.lists.zones import known_zones
from caesura.rules.contact_list import BadRow, Column, ImportOptions, RowReader
from caesura.store import contact_list
from caesura.store.database import Connection, Database
from caesura.web import problems
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.request import Creating, Id, Name, path_to
from caesura.web.uploads import Uploads, discard
from caesura.web.views import Moment

router = APIRouter(tags=["lists"])


class ListView(BaseModel):
    """A contact list."""

    id: int
    name: str
    default_region: str | None
    state: str = Field(description="`importing` until its first import is done, then `ready`.")
    contacts: int
    campaigns: int = Field(description="How many campaigns have it.")
    created_by: str
    created_at: Moment


class ContactView(BaseModel):
    """One contact."""

    id: int
    line: int = Field(description="Of the imported file; the header is line 1.")
    phones: list[str]
    zones: list[str] = Field(description="One for each phone; several candidates joined by `|`.")
    priority: int
    attributes: dict[str, Any]


class ImportView(BaseModel):
    """An import, running or ended."""

    id: int
    list: str
    filename: str
    state: Literal["running", "done", "failed"]
    rows_total: int | None = Field(description="An estimate until it is done.")
    rows_read: int
    imported: int
    duplicates: int
    rejected: int
    error: str | None
    options: dict[str, Any]
    started_by: str
    started_at: Moment
    ended_at: Moment | None


class ColumnView(BaseModel):
    """A column of the file and the field that it is taken for."""

    name: str
    field: str


class RowView(BaseModel):
    """What an import would make of one row: a contact, or a refusal with its reason."""

    phones: list[str] = Field([], description="E.164; empty if the row is refused.")
    zones: list[str] = Field([], description="One for each phone.")
    column: str | None = Field(None, description="Whose value the row is refused for.")
    reason: str | None = Field(None, description="Why the row is refused; null if it is not.")


class PreviewView(BaseModel):
    """What a file looks like and what an import would make of its columns."""

    columns: list[ColumnView]
    rows: list[list[str]]
    results: list[RowView] = Field(description="One for each of `rows`; duplicates not counted.")
    header: bool
    rows_total: int
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    sheets: list[str]


class _Form:
    """The form fields beside the file."""

    def __init__(
        self,
        *,
        name: Annotated[str, Form(description="The list; made if there is none.")],
        region: Annotated[
            str | None, Form(description="For numbers without a country code, as US.")
        ] = None,
        mapping: Annotated[
            str | None,
            Form(description='JSON: column name or position -> field, as {"Tel": "phone"}.'),
        ] = None,
        header: Annotated[Literal["auto", "yes", "no"], Form()] = "auto",
        duplicates: Annotated[
            Literal["skip", "update"], Form(description="Rows whose number the list has.")
        ] = "skip",
        across_lists: Annotated[
            Literal["allow", "skip"], Form(description="Numbers that another list has.")
        ] = "allow",
        strict: Annotated[bool, Form(description="Numbers must be in an assigned range.")] = False,
        encoding: Annotated[str | None, Form()] = None,
        delimiter: Annotated[str | None, Form()] = None,
        sheet: Annotated[str | None, Form()] = None,
    ) -> None:
        try:
            self.options = ImportOptions(
                list_name=name,
                region=region,
                map=_mapping(mapping),
                header=header,
                duplicates=duplicates,
                across_lists=across_lists,
                strict=strict,
                encoding=encoding or None,
                delimiter=delimiter or None,
                sheet=sheet or None,
            )
        except ValidationError as wrong:
            named = {"list_name": "name", "map": "mapping"}
            raise problems.invalid(wrong.errors(), named) from None


def _preview_form(
    region: Annotated[str | None, Form()] = None,
    mapping: Annotated[str | None, Form()] = None,
    header: Annotated[Literal["auto", "yes", "no"], Form()] = "auto",
    encoding: Annotated[str | None, Form()] = None,
    delimiter: Annotated[str | None, Form()] = None,
    *,
    sheet: Annotated[str | None, Form()] = None,
) -> ImportOptions:
    form = _Form(
        name="preview",
        region=region,
        mapping=mapping,
        header=header,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
    )
    return form.options


def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads


UploadsOf = Annotated[Uploads, Depends(_uploads)]
TheFile = Annotated[UploadFile, File(description="CSV or XLSX, of any size.")]


@router.post("/lists/imports", status_code=202, response_model=ImportView)
async def import_list(
    creating: Creating, uploads: UploadsOf, file: TheFile, form: Annotated[_Form, Depends()]
) -> Response:
    """Upload a list and import it in the background. Nothing of it is kept if it fails."""
    filename = PurePath(file.filename or "upload").name
    kept = await uploads.keep(file, filename)
    handed_over = False

    async def work(conn: Connection) -> ImportView:
        nonlocal handed_over
        handed_over = True
        import_id = await uploads.start_import(kept.path, form.options, creating.actor, filename)
        return _import_view(await contact_list.import_status(conn, import_id))

    try:
        return await creating.run(
            work,
            status=202,
            location=lambda body: path_to("imports", body["id"]),
            content=f"{form.options.model_dump_json()}\n{kept.sha256}".encode(),
        )
    finally:
        if not handed_over:  # a replayed answer, or a refusal before the import
            discard(kept.path)


@router.post("/lists/preview")
async def preview_list(
    actor: Actor,
    uploads: UploadsOf,
    file: TheFile,
    options: Annotated[ImportOptions, Depends(_preview_form)],
) -> PreviewView:
    """What an import would make of this file. Nothing is kept."""
    kept = await uploads.keep(file, PurePath(file.filename or "upload").name)
    try:
        found = await preview(kept.path, options)
    finally:
        discard(kept.path)
    return PreviewView(**vars(found), results=_results(found, options))


@router.get("/lists")
async def list_lists(database: Db, actor: Actor, paging: PagingQuery) -> Page[ListView]:
    """Contact lists by name."""
    after = paging.after_text()
    async with database.transaction() as conn:
        rows = await contact_list.lists(conn)
    names = [row["name"] for row in rows]
    begin = names.index(after) + 1 if after in names else 0
    if after is not None and begin == 0:  # the list was deleted between two pages
        begin = next((at for at, name in enumerate(names) if name > after), len(names))
    return paging.page(
        rows[begin : begin + paging.fetch], lambda row: row["name"], ListView.model_validate
    )


@router.get("/lists/{name}")
async def get_list(name: Name, database: Db, actor: Actor) -> ListView:
    """One list, by name or id."""
    async with database.transaction() as conn:
        return ListView.model_validate(await _find(conn, name))


@router.get("/lists/{name}/contacts")
async def list_contacts(
    name: Name, database: Db, actor: Actor, paging: PagingQuery
) -> Page[ContactView]:
    """A list's contacts, in the order of the file."""
    async with database.transaction() as conn:
        found = await _find(conn, name)
        rows = await contact_list.contacts(
            conn, found["id"], after=paging.after_int() or 0, limit=paging.fetch
        )
    return paging.page(rows, lambda row: row["id"], ContactView.model_validate)


@router.delete("/lists/{name}", status_code=204)
async def delete_list(name: Name, database: Db, actor: Actor) -> None:
    """Delete a list that no campaign has, with its contacts."""
    async with database.transaction() as conn:
        found = await _find(conn, name)
        await contact_list.delete_list(conn, found["id"])


@router.get("/imports")
async def list_imports(
    database: Db,
    actor: Actor,
    paging: PagingQuery,
    list_name: Annotated[str | None, Query(alias="list", description="Only of this list.")] = None,
) -> Page[ImportView]:
    """Imports, newest first."""
    async with database.transaction() as conn:
        list_id = (await _find(conn, list_name))["id"] if list_name else None
        rows = await contact_list.imports(
            conn, list_id=list_id, before=paging.after_int(), limit=paging.fetch
        )
    return paging.page(rows, lambda row: row["id"], _import_view)


@router.get("/imports/{import_id}")
async def get_import(import_id: Id, database: Db, actor: Actor) -> ImportView:
    """One import and how far it is."""
    async with database.transaction() as conn:
        return _import_view(await contact_list.import_status(conn, import_id))


@router.get(
    "/imports/{import_id}/rejected.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}}, "description": "line, column, value, reason"}},
)
async def get_rejected(import_id: Id, database: Db, actor: Actor) -> StreamingResponse:
    """The refused rows as CSV: line, column, value, reason."""
    async with database.transaction() as conn:
        await contact_list.import_status(conn, import_id)
    return StreamingResponse(
        _rejected(database, import_id),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="rejected-{import_id}.csv"'},
    )


async def _rejected(database: Database, import_id: int) -> AsyncIterator[str]:
    async with database.transaction() as conn:
        async for piece in contact_list.rejected_csv(conn, import_id):
            yield piece


async def _find(conn: Connection, name: str) -> dict[str, Any]:
    try:
        return await contact_list.list_by_name(conn, name)
    except NotFound:
        if not (name.isascii() and name.isdigit() and len(name) < 19):
            raise
        return await contact_list.list_by_id(conn, int(name))


def _results(found: Preview, options: ImportOptions) -> list[RowView]:
    columns = [Column(**column) for column in found.columns]
    reader = RowReader(columns, known_zones(), options.region, strict=options.strict)
    results = []
    for row in found.rows:
        try:
            contact = reader.contact(row)
        except BadRow as bad:
            results.append(RowView(column=bad.column, reason=bad.reason))
        else:
            results.append(RowView(phones=contact.phones, zones=contact.zones))
    return results


def _import_view(row: dict[str, Any]) -> ImportView:
    return ImportView.model_validate({**row, "list": row["list_name"]})


def _mapping(text: str | None) -> dict[str, str]:
    if not text:
        return {}
    try:
        mapping = json.loads(text)
    except ValueError:
        mapping = None
    if not isinstance(mapping, dict) or not all(isinstance(v, str) for v in mapping.values()):
        raise Invalid('mapping is not JSON like {"Tel. mobile": "phone"}.', "mapping")
    return mapping
