"""Asking for memory before it is read, for compiled kernels: what is far off is near by the time that it is needed.

Records of hundreds of thousands of ships fit into no cache. A walk that reads one when its turn comes waits a few
hundred turns for it; asked for some rows ahead, several are on their way at once.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from shipwatch.engine.records import LINE

TO_READ, EVERYWHERE, DATA = 0, 3, 1


def _fetch(typing: Any, records: Any, number: Any) -> Any:
    """What ``fetch(records, number)`` compiles to."""

    def written(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind, number_kind = signature.args
        size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
        pointer, whole, word = ir.IntType(8).as_pointer(), ir.IntType(32), ir.IntType(64)
        begin = builder.bitcast(context.make_array(kind)(context, builder, args[0]).data, pointer)
        at = builder.mul(context.cast(builder, args[1], number_kind, types.int64), word(size))
        ask = builder.module.declare_intrinsic(
            "llvm.prefetch", [pointer], ir.FunctionType(ir.VoidType(), [pointer, whole, whole, whole])
        )
        for offset in (*range(0, size, LINE), size - 1):
            place = builder.gep(begin, [builder.add(at, word(offset))])
            builder.call(ask, [place, whole(TO_READ), whole(EVERYWHERE), whole(DATA)])
        return context.get_dummy_value()

    return types.none(records, number), written


fetch: Any = intrinsic(_fetch)
"""``fetch(records, number)`` asks for all bytes of a record; nothing is read or changed, results are the same without.
"""
