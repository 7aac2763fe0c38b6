"""One spelling of one person, and what a screen may show."""

from __future__ import annotations

import pytest

from anfu.kernel.errors import Refused
from anfu.parties.party import clean_text
from anfu.parties.person import (
    Document,
    DocumentType,
    MaskedPerson,
    citizen_check,
    mask,
    mask_middle,
    mask_name,
    parse_document,
    parse_person,
    parse_phone,
    person_bytes,
    person_of,
)

ID = "11010519491231002X"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("13800138000", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("８６１３８００１３８０００", "13800138000"),
        ("(010) 1234.5678", "01012345678"),
        ("+1 310-555-1234", "+13105551234"),
        ("0013105551234", "+13105551234"),
        ("13105551234", "13105551234"),
    ],
)
def test_phones_are_normalised(given: str, kept: str) -> None:
    assert parse_phone(given) == kept


@pytest.mark.parametrize(
    "given", ["", "1234", "1" * 16, "1380013800a", "٠١٢٣٤٥٦٧٨٩", "138\n00138000", "++8613800138000"]
)
def test_what_is_no_phone_is_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_phone(given)
    assert (refused.value.code, refused.value.field) == ("phone_invalid", "phone")
    assert refused.value.details == {}


@pytest.mark.parametrize(
    "given", [ID, ID.lower(), "１１０１０５１９４９１２３１００２ｘ", "110105 19491231-002X"]
)
def test_citizen_ids_have_one_spelling(given: str) -> None:
    assert parse_document(DocumentType.CITIZEN_ID, given) == Document(DocumentType.CITIZEN_ID, ID)


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        (DocumentType.CITIZEN_ID, "110105194912310020"),
        (DocumentType.CITIZEN_ID, "11010519491231002"),
        (DocumentType.CITIZEN_ID, "1101051949123100XX"),
        (DocumentType.CITIZEN_ID, "١" * 17 + "X"),
        (DocumentType.PASSPORT, "E123"),
        (DocumentType.PASSPORT, "E1234567890123456789X"),
        (DocumentType.PASSPORT, "E12345ı8"),
        (DocumentType.PASSPORT, "E123\x0045678"),
    ],
)
def test_what_is_no_document_is_refused_and_not_repeated(type_: DocumentType, given: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_document(type_, given)
    assert (refused.value.code, refused.value.field) == ("document_invalid", "document")
    assert refused.value.details == {}


def test_the_check_character_of_the_standard() -> None:
    assert citizen_check("11010519491231002") == "X"
    assert citizen_check("44052418800101001") == "4"


def test_a_changed_digit_of_a_citizen_id_is_always_seen() -> None:
    for place in range(17):
        for digit in "0123456789":
            changed = ID[:place] + digit + ID[place + 1 :]
            if changed != ID:
                with pytest.raises(Refused):
                    parse_document(DocumentType.CITIZEN_ID, changed)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三丰", "张*丰"), ("张三", "张*"), ("张", "*"), ("欧阳震华", "欧**华"),
     ("John Smith", "J***"), ("J", "J***"), ("𠮷野家", "𠮷*家"), ("\ue000某", "\ue000*")],
)  # fmt: skip
def test_names_are_masked(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("13800131234", "138****1234"), (ID, "110***********002X"), ("+13105551234", "+13*****1234"),
     ("E12345678", "*******78"), ("12345", "***45")],
)  # fmt: skip
def test_numbers_are_masked(text: str, shown: str) -> None:
    assert mask_middle(text) == shown


def test_a_person_is_masked_whole_and_never_printed() -> None:
    person = parse_person(
        " 张三丰 ", "+86 13800131234", parse_document(DocumentType.CITIZEN_ID, ID)
    )
    assert mask(person) == MaskedPerson(
        "张*丰", "138****1234", DocumentType.CITIZEN_ID, "110***********002X"
    )
    shown = repr(person) + str(person) + repr(person.document) + f"{person}"
    assert all(secret not in shown for secret in ("张", "1380013", "1234", "110105", "002X"))


def test_the_sealed_bytes_are_canonical_and_come_back() -> None:
    person = parse_person("张三", "13800138000", parse_document(DocumentType.PASSPORT, "e12345678"))
    assert person_bytes(person).decode() == (
        '{"document_number":"E12345678","document_type":"PASSPORT","name":"张三",'
        '"phone":"13800138000","v":1}'
    )
    assert person_of(person_bytes(person)) == person


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u202eb", "a\x00b", "\ufeffx", "x" * 101])
def test_a_name_without_a_visible_spelling_is_refused(name: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_text(name, field="name")
    assert (refused.value.code, refused.value.field) == ("name_invalid", "name")


def test_rare_characters_and_joiners_are_names() -> None:
    for name in ("\ue863", "\U000323af", "نیما\u200cرضا", "阿卜杜拉·买买提"):
        assert clean_text(name, field="name") == name
