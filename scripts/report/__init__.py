"""One run, rendered: terminal, JSON, JUnit, SARIF, Markdown and HTML, each in its own module."""

from scripts.report.write import ReportError, write_reports

__all__ = ["ReportError", "write_reports"]
