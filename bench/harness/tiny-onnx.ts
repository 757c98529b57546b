// Just enough of ONNX's file format to write a graph of one node.

/** Element types of ONNX tensors. */
export const TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6 } as const;

/** A named tensor of a graph. */
export interface TensorInfo {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly shape: readonly number[];
}

/** A model with one node of ONNX's own operators. */
export function oneNodeModel(op: string, inputs: readonly TensorInfo[], output: TensorInfo): Uint8Array {
  const node = Buffer.concat([...inputs.map((input) => text(1, input.name)), text(2, output.name), text(4, op)]);
  const graph = Buffer.concat([
    bytes(1, node),
    text(2, 'graph'),
    ...inputs.map((input) => bytes(11, valueInfo(input))),
    bytes(12, valueInfo(output)),
  ]);
  return Buffer.concat([number(1, 8), bytes(7, graph), bytes(8, Buffer.concat([text(1, ''), number(2, 13)]))]);
}

function valueInfo({ name, type, shape }: TensorInfo): Buffer {
  const dims = Buffer.concat(shape.map((size) => bytes(1, number(1, size))));
  const tensor = Buffer.concat([number(1, TYPES[type]), bytes(2, dims)]);
  return Buffer.concat([text(1, name), bytes(2, bytes(1, tensor))]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128);
  return Buffer.from([...out, rest]);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function text(field: number, content: string): Buffer {
  return bytes(field, Buffer.from(content, 'utf8'));
}
