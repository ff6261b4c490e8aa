"""Vectors of LANES numbers for compiled code: one number for each of the draws that a kernel works on at once.

A kernel that says `put(value, row, q, at(strategy, a) * at(value, below, q))` is compiled to the very vector
instructions it says. A loop over lanes, which numba can compile as well, says the same, but has to be turned into
vector instructions by the optimiser, with a test at every loop whether the arrays that it writes and reads overlap:
that took more than half of the time of a sweep (docs/decisions/027).

An array of lanes has LANES as its last axis, contiguous, of 64-bit numbers; `blank` makes one. Arithmetic between
vectors, and between a vector and a number, is that of every lane by itself: no result depends on another lane. It is
rounded as IEEE 754 says, each operation by itself, so that results do not depend on what the processor can do at once.

This module imports numba; it is imported when a solver is at work and not before.
"""

# mypy: disable-error-code="untyped-decorator,no-untyped-call,misc"

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from detente.arrays import Floats
from detente.solve.compiled.kept import njit

LANES = 16
KERNEL: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": False}
"""How every kernel is compiled. What a kernel leaves unsaid numba takes from whoever calls it first, and keeps so on
disk: one sweep would have its products fused into sums and another not, by which of two processes came first."""
INSIDE: dict[str, Any] = {**KERNEL, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""The same, for what is called by compiled functions only."""
_BITS = ir.VectorType(ir.IntType(64), LANES)
_REAL = ir.VectorType(ir.DoubleType(), LANES)


class Vector(types.Type):
    """The type of vectors, as numba knows it."""

    def __init__(self) -> None:
        super().__init__(name=f"vector of {LANES}")


vector = Vector()
_Rest: Any = getattr(types, "StarArgTuple")  # noqa: B009 (mypy does not see it)


@register_model(Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _REAL)


def blank(*shape: int) -> Floats:
    """Zeros [*shape, LANES] that start where a line of the processor's cache does."""
    size = int(np.prod(shape, dtype=np.int64)) * LANES
    room = np.zeros(size + 8)
    start = -(room.ctypes.data // 8) % 8
    return room[start : start + size].reshape(*shape, LANES)


def _all(value: float) -> ir.Constant:
    return ir.Constant(_REAL, [float(value)] * LANES)


def _spread(builder: Any, x: Any) -> Any:
    """A vector of equal numbers."""
    first = builder.insert_element(ir.Constant(_REAL, ir.Undefined), x, ir.Constant(ir.IntType(32), 0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(_REAL, ir.Undefined), places)


def _pair(builder: Any, sig: Any, args: Any) -> Any:
    return [x if t == vector else _spread(builder, x) for t, x in zip(sig.args, args, strict=True)]


def _arithmetic(symbol: Callable[..., Any], name: str) -> None:
    cases = [(vector, vector), (vector, types.float64), (types.float64, vector)]

    @infer_global(symbol)
    class Template(ConcreteTemplate):
        pass

    Template.cases = [signature(vector, *case) for case in cases]

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, name)(*_pair(builder, sig, args))

    for case in cases:
        lower_builtin(symbol, *case)(lower)


for _symbol, _inplace, _name in (
    (operator.add, operator.iadd, "fadd"),
    (operator.sub, operator.isub, "fsub"),
    (operator.mul, operator.imul, "fmul"),
    (operator.truediv, operator.itruediv, "fdiv"),
):
    _arithmetic(_symbol, _name)
    _arithmetic(_inplace, _name)


@infer_global(operator.neg)
class _Minus(ConcreteTemplate):
    cases: ClassVar[list[Any]] = [signature(vector, vector)]


@lower_builtin(operator.neg, vector)
def _minus(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.fneg(args[0])


def _place(context: Any, builder: Any, kinds: Any, args: Any) -> Any:
    """Where the row [*index, :] of an array of lanes begins."""
    (array_kind, index_kinds), (array, index) = kinds, args
    found = context.make_array(array_kind)(context, builder, array)
    offset = ir.Constant(ir.IntType(64), 0)
    sizes = cgutils.unpack_tuple(builder, found.shape)
    places = zip(sizes, cgutils.unpack_tuple(builder, index), index_kinds, strict=False)
    for size, k, kind in places:
        here = context.cast(builder, k, kind, types.int64)
        offset = builder.add(builder.mul(offset, size, flags=("nsw",)), here, flags=("nsw",))
    offset = builder.mul(offset, ir.Constant(ir.IntType(64), LANES), flags=("nsw",))
    return builder.bitcast(builder.gep(found.data, [offset], inbounds=True), _REAL.as_pointer())


@intrinsic
def at(typing: Any, array: Any, *index: Any) -> Any:
    """The vector [*index, :] of an array of lanes. Indices are not checked, and count from the front."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, sig.args, args), align=8)

    return signature(vector, array, _Rest(index)), code


@intrinsic
def put(typing: Any, x: Any, array: Any, *index: Any) -> Any:
    """Set [*index, :] of an array of lanes to a vector, or all of it to one number."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> None:
        made = args[0]
        if sig.args[0] != vector:
            made = _spread(builder, context.cast(builder, made, sig.args[0], types.float64))
        builder.store(made, _place(context, builder, sig.args[1:], args[1:]), align=8)

    return signature(types.void, x, array, _Rest(index)), code


@intrinsic
def all_lanes(typing: Any, x: Any) -> Any:
    """The vector of equal numbers x."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _spread(builder, context.cast(builder, args[0], sig.args[0], types.float64))

    return signature(vector, x), code


@intrinsic
def largest(typing: Any, x: Any, y: Any) -> Any:
    """The larger of two numbers in each lane."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        one, other = _pair(builder, sig, args)
        return builder.select(builder.fcmp_ordered(">", one, other), one, other)

    return signature(vector, x, y), code


@intrinsic
def where_positive(typing: Any, test: Any, x: Any, y: Any) -> Any:
    """x in lanes in which the test is above zero, y in the others."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        test, x, y = _pair(builder, sig, args)
        return builder.select(builder.fcmp_ordered(">", test, _all(0.0)), x, y)

    return signature(vector, test, x, y), code


@intrinsic
def absolute(typing: Any, x: Any) -> Any:
    """Absolute values."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kept = ir.Constant(_BITS, [(1 << 63) - 1] * LANES)
        return builder.bitcast(builder.and_(builder.bitcast(args[0], _BITS), kept), _REAL)

    return signature(vector, x), code


@intrinsic
def exp(typing: Any, x: Any) -> Any:
    """e**x, exactly 0 below -708: reduction by ln 2 in two parts, then the Taylor series (error below one ulp)."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        add, mul, x = builder.fadd, builder.fmul, args[0]
        low, high = _all(-708.0), _all(708.0)
        rounding = _all(6755399441055744.0)  # 1.5 * 2**52: leaves an integer in the low bits
        above = builder.fcmp_ordered(">=", x, low)
        clipped = builder.select(above, x, low)
        clipped = builder.select(builder.fcmp_ordered("<", clipped, high), clipped, high)
        shifted = add(mul(clipped, _all(1.4426950408889634)), rounding)
        k = builder.fsub(shifted, rounding)
        r = add(clipped, mul(k, _all(-0.693147180369123816490)))
        r = add(r, mul(k, _all(-1.90821492927058770002e-10)))
        square = mul(r, r)
        odd, even = _all(_TAYLOR[0]), _all(_TAYLOR[1])  # side by side: neither has to wait for the other
        for after_odd, after_even in zip(_TAYLOR[2::2], _TAYLOR[3::2], strict=True):
            odd, even = add(mul(odd, square), _all(after_odd)), add(mul(even, square), _all(after_even))
        p = add(mul(odd, r), even)
        whole = builder.add(builder.bitcast(shifted, _BITS), ir.Constant(_BITS, [1023] * LANES))
        power = builder.bitcast(builder.shl(whole, ir.Constant(_BITS, [52] * LANES)), _REAL)
        return builder.select(above, mul(p, power), _all(0.0))

    return signature(vector, x), code


_TAYLOR = [
    1.6059043836821613e-10, 2.08767569878681e-9, 2.505210838544172e-8, 2.755731922398589e-7, 2.7557319223985893e-6,
    2.48015873015873e-5, 1.984126984126984e-4, 1.388888888888889e-3, 8.333333333333333e-3, 4.1666666666666664e-2,
    1.6666666666666666e-1, 0.5, 1.0, 1.0,
]  # fmt: skip


@intrinsic
def log(typing: Any, x: Any) -> Any:
    """ln x for normal x > 0: x = 2**k m with m about 1, and ln m = 2 artanh((m - 1)/(m + 1)) by its series."""

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        add, mul = builder.fadd, builder.fmul
        bits = builder.bitcast(args[0], _BITS)
        root, width = (ir.Constant(_BITS, [number] * LANES) for number in (0x3FE6A09E667F3BCD, 52))
        k = builder.ashr(builder.sub(bits, root), width)
        m = builder.bitcast(builder.sub(bits, builder.shl(k, width)), _REAL)
        s = builder.fdiv(builder.fsub(m, _all(1.0)), add(m, _all(1.0)))
        q = mul(s, s)
        square = mul(q, q)
        even, odd = _all(1.0 / 21), _all(1.0 / 19)
        for n in range(17, 1, -4):
            even, odd = add(mul(even, square), _all(1.0 / n)), add(mul(odd, square), _all(1.0 / (n - 2)))
        even = add(mul(even, square), _all(1.0))
        p = add(mul(odd, q), even)
        whole = builder.sitofp(k, _REAL)
        return add(mul(mul(_all(2.0), s), p), mul(whole, _all(0.6931471805599453)))

    return signature(vector, x), code


def forget_stale(sources: Sequence[Path], kept: Sequence[Path]) -> None:
    """Remove what numba keeps of compiled functions if any of their sources is younger.

    numba compares a function with its own file only, though code of other files is compiled into it: without this, a
    change of one kernel would leave others with the old one inside. `sources` are the folders of the code, `kept` those
    of what was compiled, in which files are named MODULE.FUNCTION-LINE.PYTHON.nbi.
    """
    found = {place.stem: place for folder in sources for place in folder.glob("*.py")}
    indices = [index for folder in kept for index in folder.glob("*.nbi") if _module(index) in found]
    files = {found[_module(index)] for index in indices} | {Path(__file__)}
    ages = [file.stat().st_mtime for file in files if file.exists()]
    youngest = max((age for age in ages if age <= time.time()), default=0.0)
    for index in indices:
        try:
            if index.stat().st_mtime < youngest:
                index.unlink()
        except OSError:  # somebody else was at it, or it may not be written
            continue


def _module(index: Path) -> str:
    return index.name.partition(".")[0]


@njit(cache=True)
def _nothing() -> None:
    """Tells where numba keeps what it compiles."""


def _folders() -> tuple[list[Path], list[Path]]:
    """The folders of the code that is compiled, and those in which numba keeps it: beside the code, or, where that may
    not be written, one for each in a folder of its own; none where nothing is kept."""
    here = Path(__file__).parent
    sources = [place for place in here.parent.iterdir() if place.is_dir() and place.name != "__pycache__"]
    if _nothing.stats.cache_path is None:
        return sources, []
    kept = Path(_nothing.stats.cache_path)
    if kept.parent == here:
        return sources, [place / kept.name for place in sources]
    return sources, [place for source in sources for place in kept.parent.glob(f"{source.name}_*")]


forget_stale(*_folders())
