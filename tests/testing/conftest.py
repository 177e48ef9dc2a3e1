"""The plugin's fixtures, without installing the plugin."""

from qovery_job_client_testing.plugin import job_seed, job_server, job_transport

__all__ = ["job_seed", "job_server", "job_transport"]
