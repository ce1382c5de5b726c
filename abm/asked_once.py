"""Shortcuts through what numba asks itself again and again while it compiles, for :mod:`abm.shortcuts`.

Each is a context: within it a method of numba's is replaced by one that gives the same answer sooner.
"""

import contextlib
import functools

from llvmlite import ir
from numba.core.base import BaseContext
from numba.core.inline_closurecall import InlineClosureCallPass
from numba.core.ir import Inst, Loc, Var
from numba.core.postproc import PostProcessor, VariableLifetime
from numba.core.targetconfig import ConfigStack
from numba.core.transforms import canonicalize_cfg
from numba.core.types import Array, BaseTuple, Module
from numba.core.types.functions import BaseFunction
from numba.core.typing.context import BaseContext as TypingContext


@contextlib.contextmanager
def _replaced(owner, name, make):
    """The method ``name`` is what ``make`` makes of it."""
    usual = getattr(owner, name)
    setattr(owner, name, functools.wraps(usual)(make(usual)))
    try:
        yield
    finally:
        setattr(owner, name, usual)


def typed_once():
    """What ``a + b`` or ``a[i]`` gives for certain types is found out once: numba asks a dozen templates each time.

    Beside the signature it notes which implementation goes with it, which may be another under other options.
    """
    latest = None, None

    def options():
        nonlocal latest
        own = ConfigStack.top_or_none()
        if own is not latest[0]:
            latest = own, id(_MET.setdefault(own, own))
        return latest[1]

    def make(usual):
        def get_call_type(self, context, args, kws):
            if getattr(self.typing_key, "__module__", None) not in ("_operator", "builtins"):
                return usual(self, context, args, kws)
            asked = context, tuple(args), tuple(kws.items()), options()
            known = self.__dict__.setdefault("_known", {})
            if asked not in known:
                signature = usual(self, context, args, kws)
                known[asked] = signature, self._impl_keys[signature.args]
            signature, self._impl_keys[signature.args] = known[asked]
            return signature

        return get_call_type

    return _replaced(BaseFunction, "get_call_type", make)


_MET = {}  # options met so far: to compare them takes longer than all the rest


def attributes_once():
    """What the attributes of arrays, tuples and modules are is found out once."""

    def make(usual):
        def resolve_getattr(self, typ, attr):
            if not isinstance(typ, (Array, BaseTuple, Module)):
                return usual(self, typ, attr)
            known = self.__dict__.setdefault("_known", {})
            if (typ, attr) not in known:
                found = usual(self, typ, attr)
                if found is None:
                    return None
                known[typ, attr] = found
            return known[typ, attr]

        return resolve_getattr

    return _replaced(TypingContext, "resolve_getattr", make)


def lives_when_asked():
    """Which variables live where is found out when it is asked for, not after each of a dozen passes."""

    def make(usual):
        def run(self, emit_dels=False, extend_lifetimes=False):
            found = self.func_ir
            if emit_dels or found.is_generator:
                usual(self, emit_dels, extend_lifetimes)
                return
            found.blocks = canonicalize_cfg(found.blocks)
            found.variable_lifetime, found.generator_info = VariableLifetime(found.blocks), None

        return run

    return _replaced(PostProcessor, "run", make)


def measured_once():
    """The size of a type is asked of LLVM once: each time takes a module of its own."""
    sizes = {}

    def make(usual):
        def get_abi_size(self, target_data, context=None):
            if context is not None or isinstance(self, ir.IdentifiedStructType):
                return usual(self, target_data, context)
            name = str(self)
            if name not in sizes:
                sizes[name] = usual(self, target_data)
            return sizes[name]

        return get_abi_size

    return _replaced(ir.Type, "get_abi_size", make)


def listed_quickly():
    """Which variables a statement names: numba asks it half a million times, and calls itself for each part of each."""

    def make(usual):
        def list_parts(self, value):
            found = []
            for part in (
                value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else [value]
            ):
                kind = type(part)
                if kind is Var:
                    found.append(part)
                elif kind in _WITHOUT:
                    continue
                elif isinstance(part, Inst):
                    found += part.list_vars()
                elif kind in (list, tuple, dict):
                    found += list_parts(self, part)
            return found

        return list_parts

    return _replaced(Inst, "_rec_list_vars", make)


_WITHOUT = {str, int, bool, float, type(None), Loc}  # no variable is in these


def plain_arrays():
    """No search, each time an array is touched, for a way to make one of it: numba looks in all its registers, in vain."""

    def make(usual):
        def get_function(self, fn, sig, **again):
            if fn == "__array__" and type(sig.args[0]) is Array:
                raise NotImplementedError(fn)
            return usual(self, fn, sig, **again)

        return get_function

    return _replaced(BaseContext, "get_function", make)


def no_closures():
    """No search for functions within functions, with all that it takes, where there is none."""

    def make(usual):
        def run(self):
            blocks, code = self.func_ir.blocks.values(), self.func_ir.func_id.code
            if "reduce" in code.co_names or any(
                next(block.find_exprs(op), None) for block in blocks for op in ("make_function", "build_list")
            ):
                usual(self)

        return run

    return _replaced(InlineClosureCallPass, "run", make)


ALL = typed_once, attributes_once, lives_when_asked, measured_once, listed_quickly, plain_arrays, no_closures
