"""Shortcuts through numba's compiler, taken while a kernel of ours is compiled: the same machine code in less time.

Numba makes every function fit to be called by itself. Most of ours, and of numba's own that they use, only ever stand
inside a kernel: they need no machine code, no way in for C, and no polish before they are pasted in. The rest is
housekeeping in a compiler that makes millions of objects. All of it goes through numba's private parts, so that another
version than those tried takes the long way round.
"""

import contextlib
import functools
import gc
import re

import llvmlite.binding as llvm
import numba
from numba.core import compiler, event, serialize
from numba.core.codegen import JITCodeLibrary
from numba.core.registry import cpu_target

TRIED = (0, 61) <= tuple(map(int, re.findall(r"\d+", numba.__version__)[:2])) <= (0, 68)
_FROM_PYTHON, _ENVIRONMENT = "_ZN7cpython", "_ZN08NumbaEnv"  # how the names of such things begin in LLVM's code


class Code(JITCodeLibrary):
    """The code of one function and of those pasted into it, which becomes machine code when it is called for."""

    waits = False

    def _optimize_functions(self, ll_module):
        """A first sweep; the polish comes when all that is pasted in is there.

        The way in from Python is left as it is: to polish it takes long, and saves 0.03 us a call.
        """
        for name in self._defined(ll_module.functions, _FROM_PYTHON):
            for attribute in ("noinline", "optnone"):
                ll_module.get_function(name).add_function_attribute(attribute)
        if not hasattr(self.codegen, "_pass_builder"):  # LLVM's older way to sweep
            super()._optimize_functions(ll_module)
            return
        ll_module.data_layout = self.codegen._data_layout
        sweep, builder = self.codegen._function_pass_manager(opt=1)
        for name in self._defined(ll_module.functions):
            if not name.startswith(_FROM_PYTHON):
                sweep.run(ll_module.get_function(name), builder)

    def _optimize_final_module(self):
        self.waits = not self._defined(self._final_module.functions, _FROM_PYTHON)
        if not self.waits:
            super()._optimize_final_module()

    def _finalize_final_module(self):
        if self.waits:
            self._finalized = True
            return
        super()._finalize_final_module()
        for name in self._defined(self._final_module.global_variables, _ENVIRONMENT):
            _tell(self.codegen, name, compiler.lookup_environment(name))

    def get_pointer_to_function(self, name):
        """Where the machine code of the function ``name`` begins; 0 if it is not here."""
        self._ensure_finalized()
        if self.waits and self._defined(self._final_module.functions, name):
            self.waits = False
            super()._optimize_final_module()
            self._finalize_final_module()
        return super().get_pointer_to_function(name)

    @staticmethod
    def _defined(values, start=""):
        return [value.name for value in values if value.name.startswith(start) and not value.is_declaration]


def _tell(codegen, name, environment) -> None:
    """Machine code learns where its Python objects are; that of functions which wait is told with those they stand in."""
    if environment is not None and codegen._engine.is_symbol_defined(name):
        type(codegen).set_env(codegen, name, environment)


@contextlib.contextmanager
def _parts_only():
    """What is compiled stays code for pasting in, unless Python calls it."""
    target, codegen = cpu_target.target_context, cpu_target.target_context.codegen()
    codegen._library_class = Code
    codegen.set_env = lambda name, environment: _tell(codegen, name, environment)
    target.create_cfunc_wrapper = lambda *_, **__: None
    try:
        yield
    finally:
        del codegen._library_class, codegen.set_env, target.create_cfunc_wrapper


@contextlib.contextmanager
def unheard():
    """No word to whoever listens to LLVM's lock, which is taken a hundred times to load a kernel, and thousands to compile it."""
    listeners = tuple(llvm.ffi.lib._lock._cblist) if TRIED else ()
    for listener in listeners:
        llvm.ffi.unregister_lock_callback(*listener)
    try:
        yield
    finally:
        for listener in listeners:
            llvm.ffi.register_lock_callback(*listener)


@contextlib.contextmanager
def _undisturbed():
    """No search for garbage: going through numba's millions of objects takes an eighth of the time.

    Afterwards they count as old, or the next search would go through them after all.
    """
    searches = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searches:
            if gc.get_freeze_count() == 0:
                gc.freeze()
                gc.unfreeze()
            gc.enable()


def _told_apart_quickly() -> None:
    """Numba looks functions up by the options they are compiled with, and compares all two dozen of them each time."""
    alike = compiler.Flags.__eq__
    compiler.Flags.__hash__ = lambda flags: hash((flags.nrt, flags.forceinline))
    compiler.Flags.__eq__ = lambda flags, other: (
        (isinstance(other, compiler.Flags) and flags._values == other._values) or alike(flags, other)
    )


def _types_at_hand() -> None:
    """Numba asks a function in Python for the type of each array that a kernel returns; here it finds the answers in C.

    That is quicker, and there Ctrl-C cannot be raised, which would be lost in machine code that knows nothing of it.
    """
    serialize._numba_unpickle = functools.cache(serialize._numba_unpickle)


def _all() -> list:
    """Those that this numba can take. What they are for is imported with the first kernel that has to be compiled."""
    if not TRIED:
        return [_undisturbed]
    from abm import asked_once

    return [_undisturbed, _parts_only, *asked_once.ALL]


class Shortcuts(event.Listener):
    """Takes them while a kernel of ours is compiled, with all that it calls."""

    def __init__(self):
        self.depth, self.back = 0, contextlib.ExitStack()

    def on_start(self, event) -> None:
        """A function begins to be compiled; ours are those without a way in for C."""
        if self.depth == 0 and not event.data["dispatcher"].targetoptions.get("no_cfunc_wrapper"):
            return
        if self.depth == 0:
            for shortcut in _all():
                self.back.enter_context(shortcut())
        self.depth += 1

    def on_end(self, event) -> None:
        """It is compiled, or has failed to."""
        self.depth = max(self.depth - 1, 0)
        if self.depth == 0:
            self.back.close()


event.register("numba:compile", Shortcuts())
if TRIED:
    _told_apart_quickly()
    _types_at_hand()
