"""Models of no contract, written as generated ones are, for tests of what all models do."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from qovery_job_client import UNSET, Model, OpenEnum, Unset
from qovery_job_client.types import Json


class Product(OpenEnum):
    """What is offered."""

    JOB = "JOB"
    HELM = "HELM"


class Reference(Model):
    """A reference to something."""

    id: UUID


class Address(Model):
    """Where to connect to."""

    host: str | Unset | None = UNSET
    port: int | Unset = UNSET
    path: str | Unset = UNSET


class Command(Model):
    """A command line."""

    words: Annotated[tuple[str, ...], Meta(min_length=1)] | Unset = UNSET


class Check(Model):
    """What to check."""

    target: Address | Unset = UNSET
    command: Command | Unset = UNSET


class Entry(Model):
    """An entry of a log."""

    created_at: Annotated[datetime, Meta(tz=True)]
    updated_at: Annotated[datetime, Meta(tz=True)] | Unset = UNSET


class Timer(Model):
    """When to run what."""

    zone: str
    at: str
    arguments: tuple[str, ...] | Unset = UNSET
    entrypoint: str | Unset = UNSET


class Notes(Model):
    """What a contract leaves open."""

    values: Mapping[str, Json] | Unset = UNSET
    rows: tuple[Mapping[str, Json], ...] | Unset = UNSET
