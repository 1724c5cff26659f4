"""The Embeddings room, part by part."""
