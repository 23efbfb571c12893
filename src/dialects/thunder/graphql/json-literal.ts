/** Values of the scalar JSON as they stand in a document: literals with all their digits. */
import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { ExactNumber, type Json } from '../../../base/index.ts';

/** Values of the variables of an operation, by name. Absent while a document is validated. */
export type Variables = Readonly<Record<string, unknown>> | null | undefined;

/**
 * A variable without a value inside a list or an object is null. Recursion is bounded by the nesting of documents.
 * @throws GraphQLError for a name without quotes, which JSON does not know
 */
export function jsonLiteral(node: ValueNode, variables: Variables): Json {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.BOOLEAN:
    case Kind.STRING:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return numberOf(node.value);
    case Kind.LIST:
      return node.values.map((element) => jsonLiteral(element, variables));
    case Kind.OBJECT:
      return objectOf(node.fields, variables);
    case Kind.VARIABLE:
      return (variables?.[node.name.value] ?? null) as Json;
    case Kind.ENUM:
      throw new GraphQLError(`JSON knows no ${node.value}: put it in quotes`, { nodes: node });
  }
}

/** A number stays one when it prints back letter for letter. */
function numberOf(literal: string): number | ExactNumber {
  const number = Number(literal);
  return String(number) === literal ? number : new ExactNumber(literal);
}

function objectOf(
  fields: readonly { readonly name: { readonly value: string }; readonly value: ValueNode }[],
  variables: Variables,
): Json {
  const members: Record<string, Json> = {};
  for (const { name, value } of fields) {
    // Not by assignment, which would swallow "__proto__".
    Object.defineProperty(members, name.value, {
      value: jsonLiteral(value, variables),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return members;
}
