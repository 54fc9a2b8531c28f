"""The code objects of the dense device: standalone ones with the templates of this package."""

import ast
import re

from brian2.codegen.targets import codegen_targets
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject

from models.engine.generator import DenseGenerator

_DRAW = "_randn(_vectorisation_idx)"
_FLAG = re.compile(r"const char (\w+) = (\w+)\[_idx\];")
_REFRACTORY = re.compile(r"not_refractory = _timestep\(t - lastspike, dt\) >= (\w+);")
_STORED = re.compile(r"(\w+)\[_idx\] = not_refractory;")
_ROOT = re.compile(r"_brian_pow\((\w+), 0\.5f?\)")


def assigned_names(abstract_code):
    """Return the names that the blocks of an abstract code, a dict, assign to.

    Each line is a statement, however far it is indented, as for Brian2.
    """
    lines = (line.strip() for code in abstract_code.values() for line in code.splitlines())
    trees = map(ast.parse, lines)
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Store)}


def number_draws(lines):
    """Give each randn() in generated code a buffer of its own.

    Parameters
    ----------
    lines : list of str

    Returns
    -------
    lines : list of str
        With the k-th call replaced by an element of `_normal_k`.
    draws : int
        Number of calls.
    """
    first, *rest = "\n".join(lines).split(_DRAW)
    code = first + "".join(f"_normal_{k}[_idx - _begin]{part}" for k, part in enumerate(rest))
    return code.split("\n"), len(rest)


def take_out_refractory(scalar_lines, lines, variables):
    """Take the test for refractoriness out of a state update, if its length is constant.

    Returns
    -------
    steps : str or None
        The C++ name of the number of refractory steps; None if the lines stay as they are.
    lines : list of str
        Code that reads `not_refractory` instead of finding it.
    """
    tests = [found for line in lines if (found := _REFRACTORY.fullmatch(line))]
    arrays = [found.group(1) for line in lines if (found := _STORED.fullmatch(line))]
    if len(tests) != 1 or len(arrays) != 1 or sum("lastspike" in line for line in lines) != 2:
        return None, lines
    steps = tests[0].group(1)
    found = re.search(rf"{steps} = _timestep\((.+), dt\);", "\n".join(scalar_lines))
    if not found:
        return None, lines
    for name in re.findall(r"(?<![\w.])[A-Za-z_]\w*", found.group(1)):
        if name not in variables or not (variables[name].scalar and variables[name].constant):
            return None, lines
    read = f"const char not_refractory = {arrays[0]}[_idx];"
    kept = [
        read if line.startswith("char not_refractory") else line
        for line in lines
        if "lastspike" not in line and not _STORED.fullmatch(line)
    ]
    return steps, kept


def leave_refractory(lines):
    """Return generated code that takes every neuron for not refractory."""
    read = [line for line in lines if line.startswith("const char not_refractory =")]
    return ["const char not_refractory = true;" if line in read else line for line in lines]


def widen_flags(lines):
    """Let generated code read flags, which are bytes, as 32-bit integers.

    A loop that mixes bytes and doubles is vectorised 64 elements at a time: too few registers.

    Returns
    -------
    lines : list of str
        Code that reads flag NAME from a buffer `_wide_NAME`.
    flags : list of (str, str)
        Name and array of each.
    """
    flags, widened = [], []
    for line in lines:
        if found := _FLAG.fullmatch(line):
            name, array = found.groups()
            flags.append((name, array))
            line = f"const int32_t {name} = _wide_{name}[_idx - _begin];"
        widened.append(line)
    return widened, flags


def exact_roots(lines):
    """Let generated code take square roots as such.

    A root is rounded alike everywhere, a power by the C library's version for the processor.
    """
    return [_ROOT.sub(r"std::sqrt(\1)", line) for line in lines]


def only_constants(lines):
    """Whether generated code only declares constants: run twice it does what it does once."""
    code = (line.strip() for line in "\n".join(lines).split("\n"))
    return all(line.startswith(("const ", "//")) for line in code if line)


FILTERS = (
    *(exact_roots, only_constants, number_draws),
    *(take_out_refractory, leave_refractory, widen_flags),
)


class DenseCodeObject(CPPStandaloneCodeObject):
    """Code that the dense device generates; templates that it lacks are Brian2's."""

    generator_class = DenseGenerator
    templater = CPPStandaloneCodeObject.templater.derive(
        "models.engine",
        env_globals={f.__name__: f for f in FILTERS},
    )


codegen_targets.add(DenseCodeObject)

# The number of the time step as a whole double: converting to a 64-bit integer, as Brian2 does, is
# a vector instruction only with AVX-512. Times are never negative here: cutting is rounding down.
DEFAULT_FUNCTIONS["timestep"].implementations.add_implementation(
    DenseCodeObject,
    """
    static inline double _timestep(double t, double dt)
    {
        return std::trunc((t + 1e-3*dt)/dt);
    }
    """,
    name="_timestep",
)


def only_state_updates_use(synapses, code_objects):
    """Whether only state updates of its group read or write what `synapses` adds to."""
    group = synapses.target_group_name
    return all(
        code.template_name == "dense_synapses"
        or (code.template_name == "stateupdate" and code.owner.name == group)
        for code in code_objects.values()
        if any(synapses.target_variable is used for used in code.variables.values())
    )


def refuse_to_draw(synapses, variables):
    """Refuse a weight that is drawn anew: it would have to differ from synapse to synapse."""
    for name, used in variables.items():
        if isinstance(used, Function) and not used.stateless:
            raise NotImplementedError(
                f"the weight of {synapses.name} must be one value for all synapses, but {name}() "
                "gives another one at each call"
            )
