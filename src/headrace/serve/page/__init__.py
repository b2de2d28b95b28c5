"""The first page: what the fleet does now, why jobs wait, and who uses what.

view ──> state, chips, queue, tenants, nodes, rounds ──> render ──> routes ──> a browser
shapes   what is shown of each, in words: pure           Jinja2     HTML, and the parts that changed as a stream

sessions   how a browser signs in      headers   what a browser may do with the page
static     the stylesheet and the script
"""
