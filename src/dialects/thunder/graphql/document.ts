/** Texts of documents -> documents that may run: parsed, within bounds, valid. Applications send the same few again and again. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { asFacetError, LIMITS } from '../../../base/index.ts';
import { assertBounded, assertReadable } from './document-bounds.ts';
import { RequestRefused } from './request-refused.ts';

export interface ReadDocument {
  readonly node: DocumentNode;
  /** Asks for the schema itself somewhere. */
  readonly introspects: boolean;
}

/** Fields that every schema has: `__schema` and `__type`. `__typename` can be told without a look at it. */
const INTROSPECTS = /__(?:schema|type)\b/;

export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #rules: typeof specifiedRules;
  /** By text, the least recently used one first. */
  readonly #known = new Map<string, ReadDocument>();
  #characters = 0;

  constructor(schema: GraphQLSchema, options: { readonly introspection: boolean }) {
    this.#schema = schema;
    this.#rules = options.introspection
      ? specifiedRules
      : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  }

  /** @throws RequestRefused: LIMIT_EXCEEDED, GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED */
  read(text: string): ReadDocument {
    const known = this.#known.get(text);
    if (known !== undefined) {
      this.#known.delete(text);
      this.#known.set(text, known);
      return known;
    }
    const node = this.#parsed(text);
    const errors = validate(this.#schema, node, this.#rules, { maxErrors: LIMITS.graphqlErrorsMax });
    if (errors.length > 0) throw new RequestRefused('GRAPHQL_VALIDATION_FAILED', errors);
    const document = { node, introspects: INTROSPECTS.test(text) };
    this.#remember(text, document);
    return document;
  }

  #parsed(text: string): DocumentNode {
    try {
      assertReadable(text);
      const node = parse(text);
      assertBounded(node);
      return node;
    } catch (thrown) {
      if (thrown instanceof GraphQLError) throw new RequestRefused('GRAPHQL_PARSE_FAILED', [thrown]);
      throw RequestRefused.by(asFacetError(thrown));
    }
  }

  #remember(text: string, document: ReadDocument): void {
    if (text.length > LIMITS.graphqlDocumentCachedCharactersMax) return;
    this.#known.set(text, document);
    this.#characters += text.length;
    for (const oldest of this.#known.keys()) {
      if (this.#characters <= LIMITS.graphqlDocumentsCachedCharactersMax) break;
      this.#known.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}

/**
 * The operation of a document that a request means.
 * @throws RequestRefused GRAPHQL_VALIDATION_FAILED when there is none of that name, or several and no name
 */
export function operationOf(node: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operations = node.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const found =
    name === undefined
      ? operations.length === 1
        ? operations[0]
        : undefined
      : operations.find((each) => each.name?.value === name);
  if (found !== undefined) return found;
  const message =
    name === undefined
      ? `The document has ${operations.length} operations: say which by operationName`
      : `The document has no operation named "${name.slice(0, 100)}"`;
  throw new RequestRefused('GRAPHQL_VALIDATION_FAILED', [new GraphQLError(message)]);
}
