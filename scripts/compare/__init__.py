"""The contract against the vendor's published document: `python -m scripts.compare`.

Words: a shape is what a schema lets an instance be, whichever way its document says so; a
divergence is one thing that the vendor's document says other than the contract. Layers: `fetch`
gets a document, `normalise` makes shapes of it, `divergences` compares two of them without any
I/O, `effects` says whom each divergence hurts, `render` writes them down.
"""
