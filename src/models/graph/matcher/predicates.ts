/**
 * Conditions of Cypher -> SQL that is true of every row of which the condition is true, and perhaps of more: whoever
 * reads the rows tests them again. Only truth counts, since false and unknown both drop a row. The SQL never raises:
 * no stored value is cast, types are asked for beside. `exact` tells that it lets nothing through that Cypher would
 * not. Where an index on the label and property exists, its key is tested beside the value, so that it can be used.
 */
import {
  type Computed,
  type Condition,
  type Operand,
  requiredLabels,
  type TestOperator,
} from '../../../cypher/index.ts';
import { encodeKey } from '../property-json.ts';
import type { GraphSchema } from '../schema/index.ts';
import { type GivenForm, type GivenKind, type GivenParameter, isListKind } from './given-values.ts';
import { labelSql, quoteLiteral, typeSql } from './label-sql.ts';

export interface Predicate {
  readonly sql: string;
  readonly exact: boolean;
}

/** A table in FROM that has the entity of a slot. */
export interface EntityAlias {
  readonly kind: 'node' | 'relationship';
  readonly alias: string;
  /** Labels, or the one type, that the pattern demands. */
  readonly labels: readonly string[];
}

/** What conditions of a pattern can refer to. */
export interface PredicateScope {
  readonly schema: GraphSchema;
  readonly kinds: ReadonlyMap<Computed, GivenKind>;
  /** The value is the same for all that the search looks at, whatever the driving rows are. */
  isSame(value: Computed): boolean;
  table(slot: number): EntityAlias | undefined;
  /** Tables of nodes may be left out where the identity is known otherwise. */
  id(slot: number): { readonly kind: 'node' | 'relationship'; readonly sql: string } | undefined;
  /** SQL for the value in the driving row. */
  parameter(given: GivenParameter): string;
  /** Takes back the parameters and indexes of SQL that comes to nothing. */
  attempt(work: () => Predicate | undefined): Predicate | undefined;
  /** An index whose key was tested. */
  used(index: string): void;
}

type Test = Extract<Condition, { kind: 'test' }>;

const FALSE: Predicate = { sql: 'false', exact: true };
const superset = (sql: string): Predicate => ({ sql, exact: false });
const exact = (sql: string): Predicate => ({ sql, exact: true });

/** Undefined for what SQL does not say. */
export function predicateSql(condition: Condition | undefined, scope: PredicateScope): Predicate | undefined {
  switch (condition?.kind) {
    case undefined:
      return undefined;
    case 'and': {
      const sides = condition.operands.map((operand) => predicateSql(operand, scope));
      const known = sides.filter((side) => side !== undefined);
      if (known.length === 0) return undefined;
      return joined(known, 'AND', known.length === sides.length);
    }
    case 'or':
      return scope.attempt(() => {
        const sides = condition.operands.map((operand) => predicateSql(operand, scope));
        const known = sides.filter((side) => side !== undefined);
        return known.length < sides.length ? undefined : joined(known, 'OR', true);
      });
    case 'labels': {
      const table = scope.table(condition.slot);
      if (table === undefined) return undefined;
      const { kind, alias } = table;
      const test =
        kind === 'node' ? labelSql(condition.labels, alias) : typeSql(condition.labels, `${alias}.type`);
      return exact(condition.negated ? `NOT (${test})` : `(${test})`);
    }
    case 'null-test': {
      const table = scope.table(condition.slot);
      if (table === undefined) return undefined;
      const test = `${table.alias}.props ? ${quoteLiteral(encodeKey(condition.key))}`;
      return exact(condition.negated ? test : `NOT ${test}`);
    }
    case 'test':
      return testSql(condition, scope);
  }
}

function joined(sides: readonly Predicate[], word: 'AND' | 'OR', all: boolean): Predicate {
  return {
    sql: `(${sides.map(({ sql }) => sql).join(` ${word} `)})`,
    exact: all && sides.every((side) => side.exact),
  };
}

function testSql({ operator, left, right }: Test, scope: PredicateScope): Predicate | undefined {
  if (right.kind !== 'given') return betweenSql(operator, left, right, scope);
  const { value } = right;
  const kind = scope.kinds.get(value) ?? 'other';
  if (kind === 'failed') return undefined;
  // Whatever is compared to null is unknown.
  if (kind === 'null') return FALSE;
  switch (left.kind) {
    case 'given':
      return undefined;
    case 'property': {
      const table = scope.table(left.slot);
      if (table === undefined) return undefined;
      return new PropertyTest(table, left.key, value, kind, scope).sql(operator);
    }
    case 'type': {
      const table = scope.table(left.slot);
      if (table?.kind !== 'relationship') return undefined;
      return givenIdentity(`${table.alias}.type`, operator, value, kind, 'text', scope);
    }
    case 'entity': {
      const found = scope.id(left.slot);
      if (found === undefined) return undefined;
      const form = found.kind === 'node' ? 'node-id' : 'relationship-id';
      return givenIdentity(found.sql, operator, value, kind, form, scope);
    }
    case 'id':
    case 'element-id': {
      const found = scope.id(left.slot);
      return found && givenIdentity(found.sql, operator, value, kind, left.kind, scope);
    }
  }
}

/** `= value` and `IN list` of something that is never null. */
function givenIdentity(
  sql: string,
  operator: TestOperator,
  value: Computed,
  kind: GivenKind,
  form: GivenForm,
  scope: PredicateScope,
): Predicate | undefined {
  if (operator === '=') {
    return exact(`${sql} = ${scope.parameter({ kind: 'given', value, form, isList: false })}`);
  }
  if (operator !== 'IN' || !isListKind(kind)) return undefined;
  const same = scope.isSame(value);
  const list = scope.parameter({ kind: 'given', value, form, isList: true, sentOnce: same });
  return exact(`${sql} = ANY (${readArray(list, form === 'text' ? 'text[]' : 'bigint[]', same)})`);
}

/** One that is the same for all rows of the search is read from its text once, and not for each of them. */
const readArray = (text: string, type: string, isSame: boolean): string =>
  isSame ? `(SELECT ${text}::${type})::${type}` : `${text}::${type}`;

/** Two things that are both found by the search. */
function betweenSql(
  operator: TestOperator,
  left: Operand,
  right: Operand,
  scope: PredicateScope,
): Predicate | undefined {
  if (left.kind === 'given' || right.kind === 'given') return undefined;
  if (left.kind === 'property' && right.kind === 'property') {
    const [one, other] = [scope.table(left.slot), scope.table(right.slot)];
    if (operator !== '=' || one === undefined || other === undefined) return undefined;
    // NaN is equal to NaN as jsonb.
    return superset(`${propertySql(one, left.key)} = ${propertySql(other, right.key)}`);
  }
  if (left.kind !== right.kind || (left.kind !== 'entity' && left.kind !== 'id')) return undefined;
  if (operator !== '=' && operator !== '<>') return undefined;
  const [one, other] = [scope.id(left.slot), scope.id(right.slot)];
  if (one === undefined || other === undefined) return undefined;
  if (left.kind === 'entity' && one.kind !== other.kind) return undefined;
  return exact(`${one.sql} ${operator} ${other.sql}`);
}

export const propertySql = ({ alias }: { readonly alias: string }, key: string): string =>
  `${alias}.props -> ${quoteLiteral(encodeKey(key))}`;

/** That a property has a value that is known before the search: what `{key: value}` in a pattern asks for. */
export function propertyEquals(
  table: EntityAlias,
  key: string,
  value: Computed,
  scope: PredicateScope,
): Predicate | undefined {
  const kind = scope.kinds.get(value) ?? 'other';
  if (kind === 'failed') return undefined;
  return kind === 'null' ? FALSE : new PropertyTest(table, key, value, kind, scope).sql('=');
}

/** Labels that a part of WHERE demands, besides those in the pattern. */
export function demandedLabels(condition: Condition | undefined): readonly string[] {
  return condition?.kind === 'labels' && !condition.negated ? requiredLabels(condition.labels) : [];
}

/** Strings with characters that jsonb refuses are objects, and nothing is known of them here. */
const ODD_STRING = '{"@": "s"}';
const INFINITE = { up: '{"@":"f","v":"Infinity"}', down: '{"@":"f","v":"-Infinity"}' };
/** Ends of the numbers among index keys: above them come booleans, below all of them this, above all strings. */
const NUMBERS_END = 'false';
const NUMBERS_START = '-1e309';
const STRINGS_START = '""';

/** One property against a value that is given. */
class PropertyTest {
  readonly #table: EntityAlias;
  readonly #key: string;
  readonly #value: Computed;
  readonly #kind: GivenKind;
  readonly #scope: PredicateScope;
  readonly #property: string;

  constructor(table: EntityAlias, key: string, value: Computed, kind: GivenKind, scope: PredicateScope) {
    this.#table = table;
    this.#key = key;
    this.#value = value;
    this.#kind = kind;
    this.#scope = scope;
    this.#property = propertySql(table, key);
  }

  sql(operator: TestOperator): Predicate | undefined {
    switch (operator) {
      case '=':
        return this.#equal();
      case '<>':
        return this.#isScalar() ? exact(`${this.#property} <> ${this.#parameter()}`) : undefined;
      case 'IN':
        return this.#in();
      case 'STARTS WITH':
      case 'ENDS WITH':
      case 'CONTAINS':
        return this.#kind === 'string' ? this.#partOfString(operator) : undefined;
      default:
        if (this.#kind === 'number') return this.#numberOrder(operator);
        return this.#kind === 'string' ? this.#stringOrder(operator) : undefined;
    }
  }

  #isScalar(): boolean {
    return this.#kind === 'number' || this.#kind === 'string' || this.#kind === 'boolean';
  }

  #parameter(isList = false, form: GivenForm = 'jsonb'): string {
    const sentOnce = isList && this.#scope.isSame(this.#value);
    const sent = { kind: 'given', value: this.#value, form, isList, sentOnce } as const;
    const sql = this.#scope.parameter(sent);
    return isList ? `${sql}::jsonb[]` : sql;
  }

  #equal(): Predicate {
    const equality = this.#equalityKey();
    const parameter = this.#parameter();
    const test = `${this.#property} = ${parameter}`;
    if (!this.#isScalar()) {
      const wanted = `${equality?.call}(${parameter})`;
      return superset(equality === undefined ? test : `${equality.key} = ${wanted} AND ${test}`);
    }
    if (equality === undefined) return exact(test);
    // Numbers and booleans are their own keys.
    if (this.#kind !== 'string') return exact(`${equality.key} = ${parameter}`);
    return exact(`${equality.key} = ${this.#parameter(false, equality.form)} AND ${test}`);
  }

  /** Whoever asks for a thousand values asks a million rows for them: each is looked up, not compared with all. */
  #in(): Predicate | undefined {
    if (!isListKind(this.#kind)) return undefined;
    const made = this.#kind === 'scalars' ? exact : superset;
    const equality = this.#equalityKey();
    const list = this.#parameter(true);
    const isSame = this.#scope.isSame(this.#value);
    // As a truth and not as a join, it is a table of hashes.
    const test = isSame
      ? `(${this.#property} IN (SELECT unnest(${list}))) IS TRUE`
      : `${this.#property} = ANY (${list})`;
    if (equality === undefined) return made(test);
    const keys = `coalesce(${this.#parameter(true, equality.form)}, ${equality.call}s(${list}))`;
    return made(`${equality.key} = ANY (${isSame ? `(SELECT ${keys})::jsonb[]` : keys}) AND ${test}`);
  }

  /**
   * Of an index on the property, whose key is tested beside the value; undefined without an index. The function
   * `call` makes keys in PostgreSQL, values of `form` are keys that were made before.
   */
  #equalityKey(): { readonly key: string; readonly call: string; readonly form: GivenForm } | undefined {
    const { kind, labels } = this.#table;
    const index = this.#scope.schema.equalityIndex(kind, labels, this.#key);
    if (index === undefined) return undefined;
    this.#scope.used(index.name);
    const call = index.kind === 'INDEX' ? 'graph.cy_key' : 'graph.cy_uniq';
    const form = index.kind === 'INDEX' ? 'index-key' : 'unique-key';
    return { key: `${call}(${this.#property})`, call, form };
  }

  #numberOrder(operator: '<' | '<=' | '>' | '>='): Predicate {
    const parameter = this.#parameter();
    const isUp = operator.startsWith('>');
    const property = this.#property;
    const bound = isUp ? `< '${NUMBERS_END}'` : `>= '${NUMBERS_START}'`;
    const key = this.#rangeKey((indexed) => `${indexed} ${operator} ${parameter} AND ${indexed} ${bound}`);
    return exact(
      `${key}(jsonb_typeof(${property}) = 'number' AND ${property} ${operator} ${parameter}` +
        ` OR ${property} = '${isUp ? INFINITE.up : INFINITE.down}')`,
    );
  }

  /** By code point, whatever the collation of the database; index keys are cut and so only good for `<=`, `>=`. */
  #stringOrder(operator: '<' | '<=' | '>' | '>='): Predicate {
    const parameter = this.#parameter();
    const isUp = operator.startsWith('>');
    const far = isUp ? `< '${NUMBERS_START}'` : `>= '${STRINGS_START}'`;
    const key = this.#stringKey(
      (indexed, wanted) => `${indexed} ${isUp ? '>=' : '<='} ${wanted} AND ${indexed} ${far}`,
    );
    return this.#stringTest(
      key,
      `${this.#property} #>> '{}' COLLATE "C" ${operator} (${parameter} #>> '{}')`,
    );
  }

  #partOfString(operator: 'STARTS WITH' | 'ENDS WITH' | 'CONTAINS'): Predicate {
    const parameter = this.#parameter();
    const part = `(${parameter} #>> '{}')`;
    const text = `(${this.#property} #>> '{}')`;
    if (operator === 'CONTAINS') return this.#stringTest('', `strpos(${text}, ${part}) > 0`);
    if (operator === 'ENDS WITH') return this.#stringTest('', `right(${text}, length(${part})) = ${part}`);
    // No string that begins so has a key beyond the prefix followed by the last of all characters.
    const last = `to_jsonb(rpad(left(${part}, 64), 64, U&'\\+10FFFF'))`;
    const key = this.#stringKey((indexed, wanted) => `${indexed} >= ${wanted} AND ${indexed} <= ${last}`);
    return this.#stringTest(key, `starts_with(${text}, ${part})`);
  }

  #stringTest(key: string, test: string): Predicate {
    const property = this.#property;
    return superset(`${key}(jsonb_typeof(${property}) = 'string' AND ${test} OR ${property} ->> '@' = 's')`);
  }

  /** @param range of the key that is stored, and of the one of the value */
  #stringKey(range: (indexed: string, wanted: string) => string): string {
    if (!this.#scope.schema.codePointOrder) return '';
    return this.#rangeKey(
      (indexed) => `(${range(indexed, this.#parameter(false, 'index-key'))} OR ${indexed} = '${ODD_STRING}')`,
    );
  }

  #rangeKey(range: (indexed: string) => string): string {
    const { kind, labels } = this.#table;
    const index = this.#scope.schema.rangeIndex(kind, labels, this.#key);
    if (index === undefined) return '';
    this.#scope.used(index.name);
    return `${range(`graph.cy_key(${this.#property})`)} AND `;
  }
}
