"""The reports of a run: one module for each format, and the files they are written to."""

from scripts.report.write import ReportError, build, write_reports

__all__ = ["ReportError", "build", "write_reports"]
