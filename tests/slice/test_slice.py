"""One operation of a document becomes a contract that every command accepts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from contract_tests.instances.population import population
from contract_tests.oracle.oracle import Oracle
from contract_tests.spec.contract import load
from contract_tests.spec.security import Place, SecurityScheme, optional_schemes, schemes
from scripts.slice.command import main

if TYPE_CHECKING:
    from pathlib import Path

REF = "#/components/schemas/"
ZOO: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Zoo", "version": "v2"},
    "servers": [
        {"url": "https://{region}.zoo.example/api", "variables": {"region": {"default": "eu"}}}
    ],
    "security": [{"key": []}, {"oauth": ["read"]}],
    "paths": {
        "/animals/{animalId}": {
            "parameters": [{"$ref": "#/components/parameters/Animal"}],
            "get": {
                "parameters": [
                    {"name": "expand", "in": "query", "schema": {"type": "string"}},
                    {"name": "Accept", "in": "header", "required": True, "schema": {}},
                ],
                "responses": {
                    "200": {
                        "description": "An animal.",
                        "content": {
                            "application/vnd.zoo+json; charset=utf-8": {
                                "schema": {"$ref": f"{REF}Animal"}
                            },
                            "text/csv": {"schema": {"type": "string"}},
                        },
                    },
                    "404": {"description": "None."},
                    "4XX": {
                        "description": "Refused.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                },
            },
        },
        "/animals/{animalId}/keepers/{keeperId}": {"get": {"responses": {}}},
        "/search/{word}": {
            "get": {
                "parameters": [
                    {"name": "word", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}},
                ],
                "responses": {},
            }
        },
    },
    "components": {
        "parameters": {
            "Animal": {
                "name": "animalId",
                "in": "path",
                "required": True,
                "schema": {"allOf": [{"type": "string", "format": "uuid"}]},
            }
        },
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "query", "name": "api_key"},
            "oauth": {"type": "oauth2", "flows": {}},
        },
        "schemas": {
            "Animal": {
                "oneOf": [{"$ref": f"{REF}Cat"}, {"$ref": f"{REF}Bird"}],
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"CAT": f"{REF}Cat", "BIRD": f"{REF}Bird"},
                },
            },
            "Base": {
                "title": "Something else",
                "required": ["id", "kind"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "kind": {"type": "string", "enum": ["CAT", "BIRD"]},
                    "size": {"type": "string", "enum": ["S", "L"], "nullable": True},
                    "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                    "place": {"oneOf": [{"$ref": f"{REF}Cage"}, {"$ref": f"{REF}Pond"}]},
                    "home": {"allOf": [{"$ref": f"{REF}Home"}], "nullable": True},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
            "Cat": {
                "allOf": [
                    {"$ref": f"{REF}Base"},
                    {"properties": {"parent": {"$ref": f"{REF}Home"}, "toy": {"format": "toy"}}},
                ]
            },
            "Bird": {
                "allOf": [{"$ref": f"{REF}Base"}, {"properties": {"wings": {"type": "number"}}}]
            },
            "Cage": {"required": ["bars"], "properties": {"bars": {"type": "integer"}}},
            "Pond": {"required": ["depth"], "properties": {"depth": {"type": "number"}}},
            "Home": {
                "type": "object",
                "properties": {"street": {"type": "string"}, "parent": {"$ref": f"{REF}Home"}},
            },
        },
    },
}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The document of a zoo."""
    path = tmp_path / "zoo.json"
    path.write_text(json.dumps(ZOO), encoding="utf-8")
    return path


def test_operation_becomes_a_contract(
    document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Variants, nullability and limits are kept; what is left out is noted."""
    output = tmp_path / "contract.yaml"

    status = main([str(document), "GET /animals/{animalId}", "--output", str(output)])

    contract = load(output)
    notes = capsys.readouterr().err
    bird = contract.variants["Bird"]
    assert status == 0
    assert list(contract.job.tags) == ["CAT", "BIRD"]
    assert contract.identity == "id"
    assert contract.server == "https://eu.zoo.example/api"
    assert bird.properties["size"].assertions["enum"] == ["S", "L", None]
    assert bird.properties["age"].assertions == {"exclusiveMinimum": 0}
    assert "null" in bird.properties["home"].types
    assert [branch.name for branch in bird.properties["place"].branches] == ["Cage", "Pond"]
    assert [*contract.responses] == ["200", "404", "4XX"]
    assert [*contract.responses["200"].content] == ["application/vnd.zoo+json"]
    assert "not text/csv" in notes
    assert "contains itself" in notes
    assert "'expand' is not sent" in notes
    assert "`additionalProperties` with a schema" in notes


@pytest.mark.parametrize("name", ["Cat", "Animal"])
def test_body_of_null_is_a_violation(
    name: str, document: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A schema is often nullable for the sake of properties; a success has a resource."""
    changed = json.loads(json.dumps(ZOO))
    changed["components"]["schemas"][name]["nullable"] = True
    success = changed["paths"]["/animals/{animalId}"]["get"]["responses"]["200"]
    success["content"]["application/vnd.zoo+json; charset=utf-8"]["schema"]["$ref"] = REF + name
    document.write_text(json.dumps(changed), encoding="utf-8")
    output = tmp_path / "contract.yaml"

    status = main([str(document), "GET /animals/{animalId}", "--output", str(output)])

    assert status == 0
    assert "null" not in load(output).job.types
    assert "a body of null is documented; it is a violation" in capsys.readouterr().err


def test_mock_population_of_a_slice_is_valid(document: Path, tmp_path: Path) -> None:
    """The oracle accepts what the mock server would return."""
    output = tmp_path / "contract.yaml"
    main([str(document), "GET /animals/{animalId}", "--output", str(output)])
    contract = load(output)
    oracle = Oracle(contract)

    found = [f for job in population(contract).jobs.values() for f in oracle.findings(job)]

    assert found == []


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("animals", "invalid operation 'animals'; expected one such as"),
        ("GET /plants/{id}", "no such path"),
        ("GET /animals/{animalId}/keepers/{keeperId}", "2 parameters in the path"),
        ("GET /search/{word}", "the query parameter 'q' is required"),
    ],
)
def test_other_operations_are_refused(
    document: Path, operation: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what the operation would need."""
    status = main([str(document), operation])

    captured = capsys.readouterr()
    assert status == 2
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_security_that_no_contract_can_have_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contract without security would say that the operation needs no credential."""
    data = ZOO | {"security": [{"key": [], "oauth": []}]}
    path = tmp_path / "zoo.json"
    path.write_text(json.dumps(data), encoding="utf-8")

    status = main([str(path), "GET /animals/{animalId}"])

    assert status == 2
    assert "/security: no alternative is supported" in capsys.readouterr().err


def test_security_is_kept(tmp_path: Path) -> None:
    """A cookie, and a request without a credential, are alternatives too."""
    session = {"type": "apiKey", "in": "cookie", "name": "session"}
    data = json.loads(json.dumps(ZOO)) | {"security": [{}, {"session": []}]}
    data["components"]["securitySchemes"] = {"session": session}
    path, output = tmp_path / "zoo.json", tmp_path / "contract.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")

    assert main([str(path), "GET /animals/{animalId}", "--output", str(output)]) == 0

    contract = load(output)
    assert schemes(contract) == ()
    assert optional_schemes(contract) == (SecurityScheme(Place.COOKIE, "session"),)
