"""One contract made into the files of a Python package: the generator, our templates, the runtime.

The generator (openapi-python-client) names classes and attributes, lays the package out and renders
the templates under its own file names; what it has no notion of is rendered beside them.
"""

from __future__ import annotations

import shutil
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from attrs import frozen
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import PythonIdentifier

from contract_tests.spec.contract import SUCCESS
from contract_tests.spec.document import DocumentError, read
from contract_tests.spec.references import flatten
from contract_tests.spec.values import at, join
from scripts.generate.literals import dense, docstring_literal, literal
from scripts.generate.models import kinds_of
from scripts.generate.rendering import PREFIX, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

# What an importer may use of the runtime, by module.
RUNTIME_EXPORTS = {
    ".client": ("AuthenticatedClient", "Client", "InsecureTransportWarning"),
    ".enums": ("OpenEnum",),
    ".errors": (
        "ApiError",
        "BodyError",
        "ContractViolationError",
        "ForbiddenError",
        "NotFoundError",
        "RateLimitError",
        "ServerError",
        "StatusError",
        "TransportError",
        "TransportTimeoutError",
        "UnauthorizedError",
        "UnexpectedStatusError",
    ),
    ".response": ("Response",),
    ".retries": ("Retries",),
    ".types": ("UNSET", "Unset"),
}


class GenerationError(Exception):
    """The package can't be generated; says why in one line."""


@frozen
class Operation:
    """The contract's operation, as the templates see it.

    Attributes:
        name: Its module and what importers call.
        tag: The package of that module.
        text: What it does.
        result: What it gives, and the module and decoder of that.
        argument: The path parameter's name in Python.
        is_uuid: Whether the parameter is a UUID.
        before: The path before the parameter.
        after: The path after it.
        failures: What each documented failure means, by status.
    """

    name: str
    tag: str
    text: str
    result: str
    module: str
    decoder: str
    argument: str
    argument_text: str
    is_uuid: bool
    before: str
    after: str
    failures: tuple[tuple[str, str], ...]

    def documentation(self, *, raises: bool) -> str:
        """The docstring of a function that calls it."""
        lines = [self.text, "", "Args:", f"    {self.argument}: {self.argument_text}"]
        lines += ["    client: What sends the request.", "", "Raises:"]
        if raises:
            lines += [f"    StatusError: {status}: {text}" for status, text in self.failures]
            lines += ["    ApiError: Any other failure; `errors` draws the tree."]
        else:
            lines += ["    TransportError: No answer came. Whatever answer comes is returned."]
        return "\n".join(lines)


def write_package(contract: Contract, sources: Path, package: Path) -> None:
    """Generate the package of `contract` into the folder `package`, which must not be there.

    Args:
        contract: The contract.
        sources: The folder of the templates, the runtime and the generator's configuration.
        package: Where to write.

    Raises:
        DocumentError: The contract has something that the client can't be made of.
        GenerationError: The generator warned.
    """
    settings = read(sources / "generator.yaml").data
    client = settings.pop("client")
    config = Config.from_sources(
        ConfigFile(**settings),
        MetaType.NONE,
        document_source=package,  # not read: the document is given as data
        file_encoding="utf-8",
        overwrite=False,
        output_path=package,
    )
    data = _parsed(contract, config)
    attributes = {
        str(model.class_info.name): {
            _raw(item.name): str(item.python_name)
            for item in (*(model.required_properties or ()), *(model.optional_properties or ()))
        }
        for model in data.models
    }
    kinds = kinds_of(contract, attributes)
    project = Project(openapi=data, config=config, custom_template_path=sources / "templates")
    project.env.filters.update(literal=literal, docstring=docstring_literal, dense=dense)
    operation = _operation(contract, data)
    exports = {**RUNTIME_EXPORTS, ".models": sum((kind.exports for kind in kinds), ())}
    exports[f".api.{operation.tag}.{operation.name}"] = (operation.name,)
    project.env.globals.update(
        contract=contract,
        client={"credential_header": _credential_header(contract), **client},
        kinds=kinds,
        operation=operation,
        exports=sorted(exports.items()),
    )
    _refuse(project.build())
    shutil.rmtree(package / "models")  # the generator's own; ours are one module
    for name in ("contract.py", "models.py"):
        source = project.env.get_template(f"{name}.jinja").render()
        (package / name).write_text(source, encoding="utf-8")
    for path in sorted((sources / "runtime").glob("[!_]*.py")):
        (package / path.name).write_bytes(path.read_bytes())
    (package / "py.typed").touch()
    banner = (
        f"# Generated by `make generate` from openapi/ (contract {contract.version}, sha256\n"
        f"# {contract.document.sha256}).\n"
        "# Do not edit: change openapi/ and generate again.\n"
    ).encode()
    for path in package.rglob("*"):
        if path.is_file():
            path.write_bytes(banner + path.read_bytes())


def _raw(name: Any) -> str:
    return str(getattr(name, "get_untrusted_value", lambda: name)())


def _parsed(contract: Contract, config: Config) -> GeneratorData:
    try:
        data = GeneratorData.from_dict(_without_failures(contract), config=config)
    except Exception as error:
        message = f"the generator fails on the contract: {type(error).__name__}: {error}"
        raise GenerationError(" ".join(message.split())) from error
    if isinstance(data, GeneratorError):
        raise GenerationError(_line([data]))
    return data


def _credential_header(contract: Contract) -> str:
    schemes = contract.flat["components"].get("securitySchemes", {}).values()
    keys = [scheme["name"] for scheme in schemes if scheme.get("in") == "header"]
    return str(keys[0]) if keys else "Authorization"


def _without_failures(contract: Contract) -> dict[str, Json]:
    """The document without the bodies of failures, which the runtime reads loosely."""
    data = deepcopy(contract.flat)
    operation = data["paths"][contract.path]["get"]
    for status, response in operation["responses"].items():
        if status != SUCCESS:
            operation["responses"][status] = {"description": response.get("description", "")}
    return flatten(data)


def _refuse(errors: Sequence[GeneratorError]) -> None:
    if errors:
        raise GenerationError(_line(errors))


def _line(errors: Iterable[GeneratorError]) -> str:
    said = "; ".join(f"{error.header} {error.detail or ''}" for error in errors)
    return f"the generator refuses the contract: {' '.join(said.split())}"


def _operation(contract: Contract, data: GeneratorData) -> Operation:
    where = join("/paths", contract.path, "get")
    ((tag, collection),) = data.endpoint_collections_by_tag.items()
    if collection.parse_errors:
        raise GenerationError(_line(collection.parse_errors))
    others = [
        parameter["name"]
        for parameter in contract.operation.get("parameters", ())
        if parameter["name"] != contract.parameter
    ]
    if others:
        message = f"{join(where, 'parameters')}: {others[0]!r}; the client sends the path's alone"
        raise DocumentError(message)
    (parameter,) = contract.operation["parameters"]
    result = type_of(contract.job, "result")
    if result.form not in {"model", "union"}:
        raise DocumentError(f"{contract.job.location}: the success is no named object or union")
    before, after = contract.path.split("{" + contract.parameter + "}")
    return Operation(
        name=str(collection.endpoints[0].name),
        tag=str(tag),
        text=contract.operation.get("description") or contract.operation.get("summary", ""),
        result=result.name,
        module=result.module,
        decoder=result.decoder,
        argument=str(PythonIdentifier(contract.parameter, PREFIX)),
        argument_text=parameter.get("description", ""),
        is_uuid=parameter["schema"].get("format") == "uuid",
        before=before,
        after=after,
        failures=tuple(
            (status, at(contract.flat, join(where, "responses", status)).get("description", ""))
            for status in contract.responses
            if status != SUCCESS
        ),
    )
