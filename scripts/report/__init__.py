"""One run, rendered: terminal, JSON, JUnit, SARIF, Markdown and HTML, each in its own module."""
