"""How expressions become C++ that rounds alike on every processor."""

import ast

import numpy as np
from brian2.codegen.generators.cpp_generator import CPPCodeGenerator
from brian2.parsing.rendering import CPPNodeRenderer
from brian2.utils.stringtools import word_substitute


class DenseRenderer(CPPNodeRenderer):
    """Brian2's renderer, but for sums with a product, which are written as rounded once.

    Else it is up to the compiler, and to the instructions of the processor, which of them are.
    """

    narrow = ()
    """Names of what is taken in single precision."""

    def render_Name(self, node):
        """Render a name, cut to single precision where that is asked for."""
        name = super().render_Name(node)
        return f"float({name})" if node.id in self.narrow else name

    def render_BinOp(self, node):
        """Render a*b + c, c + a*b, a*b - c and c - a*b as dense::fused; the rest as Brian2 does."""
        if isinstance(node.op, (ast.Add, ast.Sub)):
            minus = "-" if isinstance(node.op, ast.Sub) else ""
            left, right = node.left, node.right
            if _is_product(left):
                added = f"{minus}{self.render_element_parentheses(right)}"
                return f"dense::fused({self.render_factors(left)}, {added})"
            if _is_product(right):
                factors = self.render_factors(right)
                return f"dense::fused({minus}{factors}, {self.render_node(left)})"
        return super().render_BinOp(node)

    def render_factors(self, node):
        """Render a product as two arguments."""
        left = self.render_element_parentheses(node.left)
        return f"{left}, {self.render_node(node.right)}"


def _is_product(node):
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)


class DenseGenerator(CPPCodeGenerator):
    """Brian2's generator of C++ with DenseRenderer."""

    def __init__(self, *args, **kwds):
        super().__init__(*args, **kwds)
        self._narrow = ()

    def translate_statement(self, statement):
        """Return a statement as C++.

        What computes a single-precision number of each neuron takes the constants that Brian2
        keeps in double precision, the time step for one, as single: one of them would make all of
        it double.
        """
        if statement.dtype == np.float32 and not statement.scalar:
            self._narrow = {
                name
                for name, used in self.variables.items()
                if getattr(used, "scalar", False)
                and getattr(used, "constant", False)
                and getattr(used, "dtype", None) == np.float64
            }
        try:
            return super().translate_statement(statement)
        finally:
            self._narrow = ()

    def translate_expression(self, expr):
        """Return an expression as C++."""
        expr = word_substitute(expr, self.func_name_replacements)
        renderer = DenseRenderer(auto_vectorise=self.auto_vectorise)
        renderer.narrow = self._narrow
        return renderer.render_expr(expr).strip()
