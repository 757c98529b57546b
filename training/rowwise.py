"""Text and prefix graphs in 8-bit arithmetic whose result for a row depends on that row alone.

Each row of activations gets its own scale, so what shares a batch changes nothing. Weights have 7 bits and a sign, one scale
per output column: then no sum of products overflows 16 bits on processors that add them in pairs, and the integers are
the same on all of them. What is left in float32 (attention scores, normalisation, small heads) works on single rows anyway.
"""

import re

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .activations import Inputs
from .compensate import compensated
from .graphs import WORDS
from .rounding import to_int8

# Steps of a 7-bit signed weight.
WEIGHT_STEPS = 63
# Activations of both signs: 127 steps each way around 128.
SIGNED_ZERO, SIGNED_STEPS = 128, 127
# What a GELU gives is never under -0.17: twelve steps below zero hold that, 243 are left for the rest.
GELU_ZERO, GELU_STEPS, GELU_LEAST = 12, 243, -0.17
# A matrix with fewer outputs is stored in 8 bits and computed in float32: there is nothing to gain.
FEWEST_OUTPUTS = 64
# Smaller weights stay float32: they cost nothing and round worst.
SMALLEST = 1024
# Keeps the scale of an all-zero row from being zero; far below anything a real row has.
LEAST = 1e-30
# How far columns of different magnitude are evened out before a row gets its scale: 0 not at all, 1 fully.
EVENING = 0.5
CONTRIB = "com.microsoft"
LAYER = re.compile(r"encoder\.layer\.(\d+)\.")


class Rewriter:
    """One graph on its way to 8 bits."""

    def __init__(self, model: onnx.ModelProto, seen: dict[str, Inputs]):
        self.graph = model.graph
        self.seen = seen
        self.stored = {i.name: i for i in self.graph.initializer}
        self.nodes: list[onnx.NodeProto] = []
        self.quantised: dict[str, tuple[str, str, int]] = {}
        self.count = 0

    def add(self, op: str, inputs: list[str], domain: str = "", **attributes) -> str:
        """Appends a node; returns its output."""
        self.count += 1
        out = f"int8_{op}_{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [out], domain=domain, **attributes))
        return out

    def constant(self, name: str, value: np.ndarray) -> str:
        """An initializer, stored once."""
        if name not in self.stored:
            self.stored[name] = numpy_helper.from_array(value, name)
            self.graph.initializer.append(self.stored[name])
        return name

    def drop(self, name: str) -> None:
        """Removes an initializer that is no longer read."""
        self.graph.initializer.remove(self.stored.pop(name))

    def evening(self, x: str) -> np.ndarray | None:
        """What the columns of an input are divided by (and the weight's rows multiplied by); None for nothing."""
        if x not in self.seen or self.seen[x].smallest >= GELU_LEAST:
            return None
        return np.maximum(self.seen[x].largest, 1e-3).astype(np.float32) ** EVENING

    def quantise_rows(self, x: str) -> tuple[str, str, int]:
        """uint8 rows of a matrix [R,K], their scales [R,1] and zero point; made once for all products that read it."""
        if x not in self.quantised:
            evening = self.evening(x)
            if x in self.seen and evening is None:
                reach, zero = self.add("ReduceMax", [x], axes=[-1], keepdims=1), GELU_ZERO
                least, step = GELU_LEAST / -GELU_ZERO, 1 / GELU_STEPS
                even = x
            else:
                even = x if evening is None else self.add("Mul", [x, self.constant(f"{x}.even", 1 / evening)])
                reach, zero = self.add("ReduceMax", [self.add("Abs", [even])], axes=[-1], keepdims=1), SIGNED_ZERO
                least, step = LEAST, 1 / SIGNED_STEPS
            steps = self.add("Mul", [reach, self.constant(f"int8.step.{zero}", np.float32(step))])
            scale = self.add("Max", [steps, self.constant(f"int8.least.{zero}", np.float32(least))])
            flat = self.add("Reshape", [scale, self.constant("int8.flat", np.array([-1], np.int64))])
            value = helper.make_tensor("value", TensorProto.UINT8, [1], [zero])
            zeros = self.add("ConstantOfShape", [self.add("Shape", [flat])], value=value)
            self.quantised[x] = (self.add("QuantizeLinear", [even, flat, zeros], axis=0), scale, zero)
        return self.quantised[x]

    def product(self, x: str, weight: np.ndarray, name: str) -> str:
        """x [R,K] times a weight [K,N] in integers, scaled back to float32 [R,N]."""
        rows, scale, zero = self.quantise_rows(x)
        values, columns = self.round(x, weight)
        inputs = [
            rows,
            self.constant(f"{name}.int8", values),
            self.constant("int8.one", np.float32(1)),
            self.constant(f"{name}.scale", columns),
            self.constant(f"int8.zero.{zero}", np.uint8(zero)),
        ]
        return self.add("Mul", [self.add("MatMulIntegerToFloat", inputs, CONTRIB), scale])

    def round(self, x: str, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """int8 values [K,N] and scales [N] of a weight that multiplies x; with what was seen of x, errors cancel."""
        if x not in self.seen:
            values, scale = to_int8(weight, 1, WEIGHT_STEPS)
            return values, scale.reshape(-1)
        evening = self.evening(x)
        if evening is None:
            return compensated(weight, self.seen[x].moment, WEIGHT_STEPS)
        moment = self.seen[x].moment / evening[:, None] / evening[None, :]
        return compensated(weight * evening[:, None], moment, WEIGHT_STEPS)

    def widened(self, name: str, axis: int) -> str:
        """A weight stored in 8 bits and widened to float32 when the graph is loaded."""
        if f"{name}.int8" not in self.stored:
            values, scale = to_int8(numpy_helper.to_array(self.stored[name]), axis)
            self.constant(f"{name}.int8", values)
            self.constant(f"{name}.scale", scale)
        return self.add("Mul", [self.add("Cast", [f"{name}.int8"], to=TensorProto.FLOAT), f"{name}.scale"])


def quantise_rowwise(model: onnx.ModelProto, seen: dict[str, Inputs], first_layer: int = 0) -> onnx.ModelProto:
    """A copy of a text or prefix graph in 8 bits: its linear layers and its word table.

    `seen` is what `activations.observe` found; layers before `first_layer` are stored in 8 bits and computed in float32.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    rewriter = Rewriter(made, seen)
    replaced: set[str] = set()
    for node in made.graph.node:
        name = weight_of(node)
        if name in rewriter.stored and replaces(rewriter, node, name, first_layer):
            replaced.add(name)
        else:
            rewriter.nodes.append(node)
    for name in replaced:
        rewriter.drop(name)
    del made.graph.node[:]
    made.graph.node.extend(rewriter.nodes)
    made.opset_import.append(helper.make_opsetid(CONTRIB, 1))
    return made


def weight_of(node: onnx.NodeProto) -> str:
    """Name of what may be the node's weight or table; empty where it has none."""
    if node.op_type in ("MatMul", "Gemm"):
        return node.input[1]
    return node.input[0] if node.op_type == "Gather" else ""


def replaces(rewriter: Rewriter, node: onnx.NodeProto, name: str, first_layer: int) -> bool:
    """Writes what stands in for a node that reads the weight or table `name`; False where the node stays as it is."""
    weight = numpy_helper.to_array(rewriter.stored[name])
    if node.op_type == "Gather":
        return name == WORDS and replace_lookup(rewriter, node, name, weight)
    if weight.size < SMALLEST:
        return False
    transposed = any(a.name == "transB" and a.i == 1 for a in node.attribute)
    layer = LAYER.search(name)
    exact = layer is not None and int(layer[1]) < first_layer
    if exact or node.op_type == "MatMul" or weight.shape[0 if transposed else 1] < FEWEST_OUTPUTS:
        node.input[1] = rewriter.widened(name, 0 if transposed else 1)
        rewriter.nodes.append(node)
        return True
    product = rewriter.product(node.input[0], weight.T if transposed else weight, name)
    rewriter.nodes.append(helper.make_node("Add", [product, node.input[2]], list(node.output)))
    return True


def replace_lookup(rewriter: Rewriter, node: onnx.NodeProto, name: str, table: np.ndarray) -> bool:
    """Looks rows up in an 8-bit table and widens only those."""
    values, scale = to_int8(table, 0)
    rows = rewriter.add("Gather", [rewriter.constant(f"{name}.int8", values), node.input[1]])
    of_rows = rewriter.add("Gather", [rewriter.constant(f"{name}.scale", scale), node.input[1]])
    wide = rewriter.add("Cast", [rows], to=TensorProto.FLOAT)
    rewriter.nodes.append(helper.make_node("Mul", [wide, of_rows], list(node.output)))
    return True
