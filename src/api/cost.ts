import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  getOperationAST,
  getVariableValues,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { GrapevineError } from '../errors.ts';
import { EDGES_PER_NODE } from '../graph/explore/subgraph.ts';
import { nodesAtMost, pageSize } from './connections.ts';

/** Length assumed of a list that takes no `first`: the pictures of a post, the mentions in it. */
const SHORT_LIST = 5;

/** Lists that are longer than the length their object was asked for, and how many times. */
const LONGER: Readonly<Record<string, number>> = { 'Subgraph.edges': EDGES_PER_NODE };

/** Fields that take several reads of the graph, or the model, to work out: they cost as much as so many objects. */
const WORKED_OUT: Readonly<Record<string, number>> = {
  'Entity.suggestions': 100,
  'Alert.deliveries': 5,
  'Alert.events': 5,
  'Alert.text': 5,
  'Mutation.sendTestAlert': 100,
  'Query.testAlertRule': 1000,
  'Mutation.acceptSuggestion': 200,
  'Mutation.previewPost': 100,
  'Mutation.submitPost': 100,
  'Entity.externalIds': 5,
  'Entity.parts': 5,
  'Entity.aliases': 5,
  'Entity.firstSeen': 1,
  'Entity.lastSeen': 1,
  'Entity.timeline': 50,
  'Query.path': 500,
  'Query.trending': 1000,
};

/** An operation with the values it is run with. */
export interface CostRequest {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Cost of a valid operation: the number of objects its answer can hold, with every page full, and what it takes to work some of them out.
 *
 * Unlike a count over the text alone it knows variables, defaults and fragments.
 * @throws {BAD_REQUEST} when a `first` is not 1 to 100 or the schema has no such operation. @throws {GraphQLError} when an argument has no value.
 */
export function costOf(request: CostRequest): number {
  const { schema, document } = request;
  const operation = getOperationAST(document, request.operationName);
  if (!operation) return 0;
  const root = schema.getRootType(operation.operation);
  if (!root) throw new GrapevineError('BAD_REQUEST', `running a ${operation.operation}: the schema has none.`);
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {});
  if (!coerced) throw errors[0];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return new CostMeter(schema, fragments, coerced).selections(operation.selectionSet, root, SHORT_LIST);
}

class CostMeter {
  readonly #schema: GraphQLSchema;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #variables: Record<string, unknown>;
  /** A fragment costs the same wherever it is spread in lists of one length; without this a chain of fragments is exponential. */
  readonly #known = new Map<string, number>();

  constructor(
    schema: GraphQLSchema,
    fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    variables: Record<string, unknown>,
  ) {
    this.#schema = schema;
    this.#fragments = fragments;
    this.#variables = variables;
  }

  /** Cost of what is selected on one object. `listLength` is that of the lists the object holds. */
  selections(set: SelectionSetNode, type: GraphQLNamedType, listLength: number): number {
    let cost = 0;
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) cost += this.#field(node, type, listLength);
      else if (node.kind === Kind.FRAGMENT_SPREAD) cost += this.#fragment(node.name.value, listLength);
      else {
        const condition = node.typeCondition && this.#schema.getType(node.typeCondition.name.value);
        cost += this.selections(node.selectionSet, condition ?? type, listLength);
      }
    }
    return cost;
  }

  #fragment(name: string, listLength: number): number {
    const key = `${name} ${listLength}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    const type = fragment && this.#schema.getType(fragment.typeCondition.name.value);
    const cost = fragment && type ? this.selections(fragment.selectionSet, type, listLength) : 0;
    this.#known.set(key, cost);
    return cost;
  }

  #field(node: FieldNode, parent: GraphQLNamedType, listLength: number): number {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return 0;
    const field = parent.getFields()[node.name.value];
    if (!field) return 0;
    const args = getArgumentValues(field, node, this.#variables);
    const inner = lengthWithin(field, args);
    const type = getNamedType(field.type);
    const work = WORKED_OUT[`${parent.name}.${field.name}`] ?? 0;
    if (!isCompositeType(type) || !node.selectionSet) return work;
    const length = Array.isArray(args.ids) ? args.ids.length : listLength;
    const longer = LONGER[`${parent.name}.${field.name}`] ?? 1;
    const times = isListType(getNullableType(field.type)) ? length * longer : 1;
    return work + times * (1 + this.selections(node.selectionSet, type, inner));
  }
}

/** Length of the lists in what a field gives. Checked for the whole request, so that a bad one is refused before anything is read. */
function lengthWithin(field: GraphQLField<unknown, unknown>, args: Readonly<Record<string, unknown>>): number {
  const takes = (name: string) => field.args.some((arg) => arg.name === name);
  if (takes('first')) return pageSize(args.first as number | null);
  return takes('maxNodes') ? nodesAtMost(args.maxNodes as number | null) : SHORT_LIST;
}
