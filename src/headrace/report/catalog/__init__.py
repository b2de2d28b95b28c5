"""What the catalogue knows, as tables, paragraphs and JSON."""
