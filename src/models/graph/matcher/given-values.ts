/**
 * Sides of conditions that are known before a search: their values for a batch of driving rows, what kind of values
 * they are (which decides how a condition is written in SQL), and how they travel to PostgreSQL.
 */
import {
  type Computed,
  type Condition,
  type Conjunct,
  CypherError,
  type MatchPlan,
  Node,
  type Operand,
  type PathStep,
  type QueryContext,
  Relationship,
  type Row,
  type Value,
  visitExpressions,
} from '../../../cypher/index.ts';
import { arrayLiteral } from '../../../engine/index.ts';
import { encodeStorable, isStorableText } from '../property-json.ts';
import { indexKey, uniqueKey } from './index-keys.ts';

/**
 * What all values of a batch are, nulls aside. `scalars`: lists of nothing but numbers, strings, booleans and nulls that
 * jsonb has, too; `list`: any lists. `failed`: computing one is an error, which belongs to the row that meets
 * it. `other`: anything else, such as NaN, strings that jsonb cannot hold, or a mixture.
 */
export type GivenKind = 'null' | 'number' | 'string' | 'boolean' | 'scalars' | 'list' | 'other' | 'failed';

export interface GivenValues {
  readonly kinds: ReadonlyMap<Computed, GivenKind>;
  /** Equal for batches that the same SQL fits. */
  readonly variant: string;
  of(given: Computed): readonly Value[];
}

/**
 * How a value is sent: as itself, as its key in an index, as an identity. Lists travel as the text of an array, since
 * arrays of arrays must not be ragged.
 */
export type GivenForm =
  | 'jsonb'
  | 'index-key'
  | 'unique-key'
  | 'text'
  | 'node-id'
  | 'relationship-id'
  | 'element-id'
  | 'id';

export interface GivenParameter {
  readonly kind: 'given';
  readonly value: Computed;
  readonly form: GivenForm;
  /** The value is a list, and each item is sent in that form. */
  readonly isList: boolean;
  /** One value for all driving rows, which is sent once. */
  readonly sentOnce?: boolean;
}

/** Made of parameters and literals alone, so that it is the same for all driving rows. */
export function isConstant({ expression }: Computed): boolean {
  let constant = true;
  visitExpressions(expression, ({ kind }) => {
    constant &&= kind === 'literal' || kind === 'parameter' || kind === 'list';
    return constant;
  });
  return constant;
}

const GIVEN = new WeakMap<MatchPlan, readonly Computed[]>();

export function givenValues(plan: MatchPlan, rows: readonly Row[], context: QueryContext): GivenValues {
  const values = new Map<Computed, readonly Value[]>();
  const kinds = new Map<Computed, GivenKind>();
  for (const given of givenOfPlan(plan)) {
    const found = valuesOf(given, rows, context);
    values.set(given, found ?? []);
    kinds.set(given, found === undefined ? 'failed' : kindOfAll(found));
  }
  return { kinds, variant: [...kinds.values()].join(), of: (given) => values.get(given) ?? [] };
}

/** Those that stand in one part of a condition. */
export const givenOf = ({ condition }: Conjunct): readonly Computed[] => givenIn(condition);

function givenOfPlan(plan: MatchPlan): readonly Computed[] {
  let found = GIVEN.get(plan);
  if (found === undefined) {
    found = [...plan.paths.flatMap(givenOfPath), ...plan.conjuncts.flatMap(givenOf)];
    GIVEN.set(plan, found);
  }
  return found;
}

const givenOfPath = ({ nodes, relationships }: PathStep): readonly Computed[] =>
  [...nodes, ...relationships].flatMap(({ properties }) =>
    (properties?.entries ?? []).map(({ value }) => value).filter(({ given }) => given),
  );

function givenIn(condition: Condition | undefined): readonly Computed[] {
  if (condition === undefined) return [];
  if (condition.kind === 'test') return [condition.left, condition.right].flatMap(givenSide);
  return condition.kind === 'and' || condition.kind === 'or' ? condition.operands.flatMap(givenIn) : [];
}

const givenSide = (operand: Operand): readonly Computed[] =>
  operand.kind === 'given' ? [operand.value] : [];

function valuesOf(
  given: Computed,
  rows: readonly Row[],
  context: QueryContext,
): readonly Value[] | undefined {
  try {
    return context.meter.during(() => rows.map((row) => given.evaluate(row, context)));
  } catch (error) {
    if (error instanceof CypherError) return undefined;
    throw error;
  }
}

function kindOfAll(values: readonly Value[]): GivenKind {
  let all: GivenKind = 'null';
  for (const value of values) {
    const kind = kindOf(value);
    if (kind === 'null' || kind === all) continue;
    if (all !== 'null') {
      if (!(isListKind(all) && isListKind(kind))) return 'other';
      all = 'list';
    } else {
      all = kind;
    }
  }
  return all;
}

export const isListKind = (kind: GivenKind): boolean => kind === 'scalars' || kind === 'list';

const isScalar = (value: Value): boolean => {
  const kind = Array.isArray(value) ? 'other' : kindOf(value);
  return kind !== 'other';
};

function kindOf(value: Value): GivenKind {
  switch (typeof value) {
    case 'bigint':
      return 'number';
    case 'number':
      return Number.isFinite(value) ? 'number' : 'other';
    case 'string':
      return isStorableText(value) ? 'string' : 'other';
    case 'boolean':
      return 'boolean';
    default:
      if (value === null) return 'null';
      if (!Array.isArray(value)) return 'other';
      return value.every(isScalar) ? 'scalars' : 'list';
  }
}

/** The value as one item of the array that drives a statement; null for one that no test is true of. */
export function givenText({ form, isList }: GivenParameter, value: Value): string | null {
  if (!isList) return FORMS[form](value);
  if (!Array.isArray(value)) return null;
  const items = value.map((item: Value) => FORMS[form](item));
  // No test is true of an item that cannot be sent. Of one whose key is not known the key may still match.
  if (KEYS.has(form) && items.includes(null)) return null;
  return arrayLiteral(items.filter((item) => item !== null));
}

const KEYS: ReadonlySet<GivenForm> = new Set(['index-key', 'unique-key']);

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

const inInt64 = (id: bigint): string | null => (id >= INT64.min && id <= INT64.max ? String(id) : null);

const FORMS: Readonly<Record<GivenForm, (value: Value) => string | null>> = {
  jsonb: encodeStorable,
  'index-key': indexKey,
  'unique-key': uniqueKey,
  text: (value) => (typeof value === 'string' && isStorableText(value) ? value : null),
  'node-id': (value) => (value instanceof Node ? String(value.id) : null),
  'relationship-id': (value) => (value instanceof Relationship ? String(value.id) : null),
  id: (value) => {
    if (typeof value === 'number') return Number.isInteger(value) ? inInt64(BigInt(value)) : null;
    return typeof value === 'bigint' ? inInt64(value) : null;
  },
  'element-id': (value) =>
    typeof value === 'string' && /^(0|-?[1-9]\d{0,18})$/.test(value) ? inInt64(BigInt(value)) : null,
};
