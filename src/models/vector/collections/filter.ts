/**
 * Conditions on the metadata of embeddings, as a tree -> SQL with parameters. Field names become literals, values become
 * parameters, and nothing else of the tree is text. Pure.
 *
 * As in SQL, a condition on something that is not there is neither true nor false: a missing field, JSON's null, and for
 * an order another type than the value's. So neither `f <> 1` nor `NOT f = 1` finds embeddings without `f`.
 */
import { ExactNumber, FacetError, LIMITS } from '../../../base/index.ts';
import { arrayLiteral, quoteLiteral } from '../../../engine/index.ts';

export const COMPARISONS = ['=', '<>', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof COMPARISONS)[number];

export type Scalar = string | number | boolean | ExactNumber;

/** A member of the metadata; a list leads into members of members. */
export type Field = string | readonly string[];

export type Condition =
  | { readonly field: Field; readonly is: Comparison; readonly value: Scalar }
  | { readonly field: Field; readonly in: readonly Scalar[] }
  | { readonly field: Field; readonly like: string }
  | { readonly field: Field; readonly isNull: boolean }
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  /** What `not true` is: what is false, and what is neither. */
  | { readonly notTrue: Condition };

/** Parameters of a text, numbered as they come. */
export class Parameters {
  readonly values: string[] = [];

  add(value: string): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** @throws INVALID_FILTER */
export function conditionText(condition: Condition, parameters: Parameters): string {
  let nodes = 0;
  const text = (node: Condition, depth: number): string => {
    if (depth > LIMITS.embeddingFilterDepthMax) {
      throw invalid(`nests deeper than ${LIMITS.embeddingFilterDepthMax} levels (embeddingFilterDepthMax)`);
    }
    if (++nodes > LIMITS.embeddingFilterNodesMax) {
      throw invalid(`has more than ${LIMITS.embeddingFilterNodesMax} parts (embeddingFilterNodesMax)`);
    }
    if ('and' in node) return joined(node.and, ' AND ', 'true');
    if ('or' in node) return joined(node.or, ' OR ', 'false');
    if ('not' in node) return `NOT ${text(node.not, depth + 1)}`;
    if ('notTrue' in node) return `((${text(node.notTrue, depth + 1)}) IS NOT TRUE)`;
    return leafText(node, parameters);

    function joined(parts: readonly Condition[], by: string, none: string): string {
      return parts.length === 0 ? none : `(${parts.map((part) => text(part, depth + 1)).join(by)})`;
    }
  };
  return text(condition, 1);
}

type Leaf = Extract<Condition, { readonly field: Field }>;

function leafText(leaf: Leaf, parameters: Parameters): string {
  const member = memberText(leaf.field);
  if ('isNull' in leaf) return `${member} IS ${leaf.isNull ? '' : 'NOT '}NULL`;
  if ('like' in leaf)
    return ofType(member, 'string', `(${member} #>> '{}') LIKE ${pattern(leaf.like, parameters)}`);
  if ('in' in leaf) {
    const values = parameters.add(arrayLiteral(leaf.in.map(jsonOf)));
    return `${member} = ANY (${values}::jsonb[])`;
  }
  const { is, value } = leaf;
  if (is === '=' || is === '<>') return `${member} ${is} ${parameters.add(jsonOf(value))}::jsonb`;
  switch (typeof value) {
    case 'string':
      return ofType(
        member,
        'string',
        `(${member} #>> '{}') COLLATE "C" ${is} ${parameters.add(checkedText(value))}::text`,
      );
    case 'boolean':
      throw invalid(`compares by ${is} with true or false, which have no order`);
    default:
      return ofType(member, 'number', `${member}::numeric ${is} ${parameters.add(jsonOf(value))}::numeric`);
  }
}

/** PostgreSQL evaluates the comparison of no other type. */
const ofType = (member: string, type: 'string' | 'number', comparison: string): string =>
  `CASE pg_catalog.jsonb_typeof(${member}) WHEN '${type}' THEN ${comparison} END`;

function memberText(field: Field): string {
  const path = typeof field === 'string' ? [field] : field;
  if (path.length === 0) throw invalid('names no field');
  for (const name of path) checkedText(name);
  const [only] = path;
  const member =
    path.length === 1 && only !== undefined
      ? `metadata -> ${quoteLiteral(only)}`
      : `metadata #> ${quoteLiteral(arrayLiteral(path))}`;
  return `NULLIF(${member}, 'null')`;
}

/** A backslash at the end would escape nothing, which PostgreSQL finds out row by row. */
function pattern(like: string, parameters: Parameters): string {
  if (/(?<!\\)(?:\\\\)*\\$/.test(like)) throw invalid('has a pattern that ends in a backslash');
  return parameters.add(checkedText(like));
}

function jsonOf(value: Scalar): string {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value === 'number' && !Number.isFinite(value))
    throw invalid('compares with a number that is not finite');
  return JSON.stringify(typeof value === 'string' ? checkedText(value) : value);
}

/** PostgreSQL's text, and so its jsonb, has no NUL and no half of a pair. */
function checkedText(text: string): string {
  if (/[\0\p{Surrogate}]/u.test(text)) throw invalid('has a text that PostgreSQL cannot hold');
  return text;
}

const invalid = (what: string): FacetError =>
  new FacetError('INVALID_FILTER', `The condition on metadata ${what}`);
