"""A server of the contract, driven by the document alone: `python -m contract_tests.mock_server`.

Must never know what a property of the job is called, nor lean on the generated client: they would
share one misreading of the contract.
"""

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
