"""A mock server driven by the contract alone: `python -m contract_tests.mock_server`."""

from contract_tests.instances.population import Population, population
from contract_tests.mock_server.application import application
from contract_tests.mock_server.serving import Running, running, serving

__all__ = [
    "Population",
    "Running",
    "application",
    "population",
    "running",
    "serving",
]
