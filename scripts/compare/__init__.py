"""The contract against the vendor's published document: `python -m scripts.compare`.

A shape is what a schema allows, however its document spells it. A divergence is one difference of
the vendor's document from the contract. `fetch` gets a document, `reader` and `operation` read it
as shapes, `diff` and `divergences` compare two operations without I/O, `impact` rates each
difference for importers, and `render` writes the result.
"""
