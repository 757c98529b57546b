import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

/** A value that a field is compared with: text or a finite number. */
export const filterValue = new GraphQLScalarType({
  name: 'FilterValue',
  description: 'A text or a number, as the field has it; times as ISO 8601 text.',
  serialize: valueOf,
  parseValue: valueOf,
  parseLiteral(node: ValueNode) {
    if (node.kind === Kind.STRING) return node.value;
    if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return valueOf(Number(node.value));
    throw unfit();
  },
});

function valueOf(value: unknown): string | number {
  if (typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return value;
  throw unfit();
}

function unfit(): GraphQLError {
  return new GraphQLError('A value of a filter is a text or a number.');
}
