"""The reports of a run: one module for each format, and the files they are written to."""

from scripts.report.write import PAGE, ReportError, build, write_reports

__all__ = ["PAGE", "ReportError", "build", "write_reports"]
