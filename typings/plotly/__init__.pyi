"""What Headrace uses of Plotly, which ships no types."""
