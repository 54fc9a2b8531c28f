"""Formulas as MathML, which a browser draws itself: the pages need no network and no script."""

from docutils.utils.math import latex2mathml
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


def setup(app):
    """Register the renderer and choose it."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def inline(writer, node):
    """Write a formula in a line of text."""
    writer.body.append(_mathml(node, as_block=False))
    _skip()


def block(writer, node):
    """Write a formula of its own, with its label where it has one: the paper's number."""
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    writer.body.append(_mathml(node, as_block=True))
    if node.get("label"):
        writer.body.append(f'<span class="eqno">({node["label"]})</span>')
    writer.body.append("</div>\n")
    _skip()


def _mathml(node, as_block):
    text = node.astext()
    try:
        return str(latex2mathml.tex2mathml(text, as_block=as_block))
    except Exception as error:  # of several kinds
        LOGGER.warning("formula cannot be read: %s: %s", text, error, location=node)
        return f"<code>{text}</code>"


def _skip():
    from docutils.nodes import SkipNode

    raise SkipNode
