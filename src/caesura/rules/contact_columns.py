"""Which column of an imported file is what: is there a header, and what do its names mean?

Pure. A guess is only made where it cannot do harm: a phone column is known by its usual names in
several languages, or else by its values; zone and priority need the name *and* values that fit.
What the person says (`ImportOptions.map`) goes before every guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from caesura.errors import Invalid
from caesura.rules.contact_list import Column, ImportOptions, is_field, zone_named
from caesura.rules.phone_number import BadValue, normalise_cell


def _words(text: str, between: str | None = None) -> frozenset[str]:
    """The words of a text, or its phrases with `between` between them."""
    return frozenset(" ".join(part.split()) for part in text.split(between))


# A name is a phone column's when all its words are in these two, and one at least in the first.
_PHONE_WORDS = _words(
    """phone phones telephone tel mobile mobil cell cellphone cellular msisdn e164 landline callee
    telefon telefonnummer telefonnr handy handynummer mobilnummer mobiltelefon rufnummer festnetz
    portable gsm telefono telefonos movil celular cellulare telefone telemovel fone telefoon
    telefoonnummer mobiel puhelin puhelinnumero matkapuhelin puh tlf mobilnr telefonszam mobilszam
    telefonu komorka telepon hp sdt cep телефон телефона мобильный тел τηλεφωνο κινητο טלפון נייד
    هاتف الهاتف جوال الجوال موبايل 电话 电话号码 手机 手机号 手机号码 電話 電話番号
    携帯 携帯電話 携帯番号 전화 전화번호 휴대폰 휴대전화"""
)
_BESIDE_PHONE = _words(
    """number no nr num nummer numero numer numara numarasi номер αριθμος de du di do da del le la
    home work business office main primary first second secondary third other alt alternate
    alternative private privat prive personal contact customer client lead day evening dial to
    geschaftlich dienstlich domicile bureau fixe fixed line casa trabajo fijo principal dien thoai
    so e 164 1 2 3 4 5 6 7 8 9 10"""
)
_NUMBER_NAMES = frozenset({"number", "numero", "nummer", "rufnr", "so dien thoai", "номер"})
_ZONE_NAMES = _words(
    """timezone;time zone;tz;zone;zeitzone;fuseau horaire;fuseau;zona horaria;huso horario;
    fuso orario;fuso horario;tijdzone;tidszon;tidssone;strefa czasowa;часовой пояс;时区;
    タイムゾーン;시간대""",
    ";",
)
_PRIORITY_NAMES = _words(
    "priority prioritat priorite prioridad priorita prioriteit prioritet приоритет"
)
_PERSON_NAMES = _words(
    """name;full name;fullname;customer name;contact name;kunde;nom;nombre;nome;naam;namn;navn;
    nimi;имя;姓名;氏名;이름""",
    ";",
)
_SHARE_OF_NUMBERS = 0.6  # of a column's values: then it is a phone column


def has_header(rows: Sequence[Sequence[str]], options: ImportOptions) -> bool:
    """Is the first of these rows the columns' names?"""
    if options.header != "auto":
        return options.header == "yes"
    first = [cell.strip() for cell in rows[0]] if rows else []
    named = [cell for cell in first if cell]
    if not named or any(sum(c.isdigit() for c in cell) >= 7 for cell in named):
        return False
    if any(_is_known_name(cell) for cell in named):
        return True
    wanted = {key.strip().casefold() for key in options.map}
    if wanted & {cell.casefold() for cell in named}:
        return True
    distinct = len(set(named)) == len(named) and not any(_is_number(cell) for cell in named)
    return distinct and _phone_column_by_values(rows[1:], len(first), options.region) is not None


def column_names(first: Sequence[str] | None, width: int) -> list[str]:
    """Names for the columns, each once: from the header row if there is one."""
    names: list[str] = []
    seen: set[str] = set()
    for position in range(1, width + 1):
        given = first[position - 1].strip() if first and position <= len(first) else ""
        given = given.replace("\0", "") or f"column {position}"
        name, count = given, 1
        while name in seen:
            count += 1
            name = f"{given} {count}"
        seen.add(name)
        names.append(name)
    return names


def map_columns(
    names: Sequence[str],
    sample: Sequence[Sequence[str]],
    options: ImportOptions,
    zones: Mapping[str, str],
) -> list[Column]:
    """What each column is. Raises Invalid (field "map") when no phone column can be made out."""
    said = _said(names, options)
    taken = set(said.values())
    guess_phones = not any(field.startswith("phone") for field in taken)
    fields: list[str] = []
    phones = 0
    for index, name in enumerate(names):
        field = said.get(index)
        if field is None:
            values = [row[index].strip() for row in sample if index < len(row)]
            field = _guess(name, [value for value in values if value], zones)
            if field == "phone":
                phones += 1
                field = "phone" if phones == 1 else f"phone_{phones}"
                if not guess_phones or phones > 10:
                    field = "attribute"
            elif field in taken:
                field = "attribute"
            if field != "attribute":
                taken.add(field)
        fields.append(field)
    if not any(field.startswith("phone") for field in fields):
        free = [index for index in range(len(names)) if index not in said]
        found = _phone_column_by_values(sample, len(names), options.region, free)
        if found is None:
            raise Invalid(
                "No column looks like phone numbers. Say which one it is, as in "
                f'--map "{names[0] if names else 1}=phone".',
                field="map",
                columns=list(names),
            )
        fields[found] = "phone"
    return [Column(name, field) for name, field in zip(names, fields, strict=True)]


def _said(names: Sequence[str], options: ImportOptions) -> dict[int, str]:
    """Column index -> field, as `options.map` says."""
    by_name = {name.casefold(): index for index, name in reversed(list(enumerate(names)))}
    said: dict[int, str] = {}
    for key, raw in options.map.items():
        field = raw.strip()
        index = by_name.get(key.strip().casefold())
        if index is None and key.strip().isdecimal() and 1 <= int(key) <= len(names):
            index = int(key) - 1
        if index is None:
            raise Invalid(
                f"There is no column {key!r}. There are: {', '.join(names)}.",
                field="map",
                columns=list(names),
            )
        if not is_field(field):
            raise Invalid(
                f"{field!r} is no field. A column can be phone, phone_2 to phone_10, zone, "
                "region, priority, name, attribute, attribute:NAME or ignore.",
                field="map",
            )
        if field in said.values() and field not in {"ignore", "attribute"}:
            raise Invalid(f"Two columns are mapped to {field!r}.", field="map")
        said[index] = field
    return said


def _guess(name: str, values: Sequence[str], zones: Mapping[str, str]) -> str:
    plain = _plain(name)
    if is_phone_name(name):
        return "phone"
    if plain in _PERSON_NAMES:
        return "name"
    if plain in _ZONE_NAMES and values and all(_is_zone(value, zones) for value in values[:20]):
        return "zone"
    if plain in _PRIORITY_NAMES and values and all(re.fullmatch("[1-9]", v) for v in values[:20]):
        return "priority"
    return "attribute"


def is_phone_name(name: str) -> bool:
    """Is this a usual name of a phone column?"""
    plain = _plain(name)
    if plain in _NUMBER_NAMES:
        return True
    words = re.sub(r"(?<=[^\W\d_])(\d+)\b", r" \1", plain).split()
    return any(w in _PHONE_WORDS for w in words) and all(
        w in _PHONE_WORDS or w in _BESIDE_PHONE for w in words
    )


def _is_known_name(name: str) -> bool:
    plain = _plain(name)
    return is_phone_name(name) or plain in _ZONE_NAMES | _PRIORITY_NAMES | _PERSON_NAMES


def _plain(name: str) -> str:
    """Lower case, without accents, each run of other signs one space."""
    decomposed = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip()))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", bare).casefold()).strip()


def _phone_column_by_values(
    rows: Sequence[Sequence[str]],
    width: int,
    region: str | None,
    free: Sequence[int] | None = None,
) -> int | None:
    """The column with the largest share of possible numbers, if it is large enough."""
    best, best_share = None, 0.0
    for index in range(width) if free is None else free:
        values = [row[index].strip() for row in rows if index < len(row) and row[index].strip()]
        values = values[:100]
        share = sum(_is_phone(value, region) for value in values) / len(values) if values else 0.0
        if share >= _SHARE_OF_NUMBERS and share > best_share:
            best, best_share = index, share
    return best


def _is_phone(value: str, region: str | None) -> bool:
    try:
        return bool(normalise_cell(value, region))
    except BadValue:
        return False


def _is_zone(value: str, zones: Mapping[str, str]) -> bool:
    try:
        return bool(zone_named(value, zones))
    except BadValue:
        return False


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d\s.,+()/-]+", text))
