"""The contract as rules: the document, its schemas and what makes it unusable."""
