/** Element types by their number in ONNX. */
const TYPES = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/** What a graph declares about a tensor; a dimension that is not fixed has a name. */
export interface OnnxValue {
  readonly name: string;
  readonly type: 'float32' | 'int64';
  readonly shape: readonly (number | string)[];
}

/** An operator's call; attributes are integers, or lists of them. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

/** A constant: float32 from a Float32Array, int64 from a BigInt64Array. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** The content of a small ONNX file. */
export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}

/** The number of an element type, for the `to` of a Cast. */
export function onnxType(type: keyof typeof TYPES): number {
  return TYPES[type];
}

/** A graph as the bytes of an ONNX file, operators as of opset 13. */
export function onnxModel(graph: OnnxGraph): Uint8Array {
  return Buffer.concat([
    integer(1, 8),
    message(7, [
      ...graph.nodes.map((node) => message(1, nodeFields(node))),
      text(2, 'made in a test'),
      ...graph.constants.map((constant) => message(5, constantFields(constant))),
      ...graph.inputs.map((value) => message(11, valueFields(value))),
      ...graph.outputs.map((value) => message(12, valueFields(value))),
    ]),
    message(8, [text(1, ''), integer(2, 13)]),
  ]);
}

function nodeFields({ op, inputs, outputs, attributes = {} }: OnnxNode): Buffer[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, [
        text(1, name),
        ...(typeof value === 'number'
          ? [integer(3, value), integer(20, 2)]
          : [...value.map((each) => integer(8, each)), integer(20, 7)]),
      ]),
    ),
  ];
}

function constantFields({ name, shape, data }: OnnxConstant): Buffer[] {
  return [
    ...shape.map((side) => integer(1, side)),
    integer(2, data instanceof Float32Array ? TYPES.float32 : TYPES.int64),
    text(8, name),
    bytes(9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

function valueFields({ name, type, shape }: OnnxValue): Buffer[] {
  const sides = shape.map((side) => message(1, [typeof side === 'number' ? integer(1, side) : text(2, side)]));
  return [text(1, name), message(2, [message(1, [integer(1, TYPES[type]), message(2, sides)])])];
}

// Protocol buffers: every field is its number and kind (0 an integer, 2 bytes with their length), then its content.
function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

function bytes(field: number, content: Uint8Array): Buffer {
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function text(field: number, content: string): Buffer {
  return bytes(field, Buffer.from(content));
}

function message(field: number, fields: readonly Buffer[]): Buffer {
  return bytes(field, Buffer.concat(fields));
}

/** Seven bits a byte, lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return Buffer.from([...out, Number(rest)]);
}
