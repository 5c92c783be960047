"""The panes: each a widget that lays a scene out, by functions from facts and a width to lines."""
