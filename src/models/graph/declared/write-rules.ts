/**
 * What declared tables ask of nodes and relationships as a query writes them, beside what their constraints ask of what
 * is stored: integers in columns of FLOAT become that, integers are in the range of their column, lists as long as
 * declared, and what is created has its defaults. Nothing else is converted: whoever looks for a value finds what was
 * written.
 */
import { type MapValue, runtimeTypeError, type Value } from '../../../cypher/index.ts';
import { type ColumnType, typeText } from './column-type.ts';
import { fitted } from './convert.ts';
import type { DeclaredTable } from './declared-table.ts';
import { type DefaultValue, defaultOf } from './default-value.ts';

interface ColumnRule {
  readonly name: string;
  readonly type: ColumnType;
  readonly default: DefaultValue | undefined;
  /** Values may need to be converted or refused. */
  readonly looks: boolean;
}

/** Of tables that ask for something; by label or type. */
type Rules = ReadonlyMap<string, readonly ColumnRule[]>;

/** Types that their constraint says all of. */
const CONSTRAINT_SAYS_ALL: ReadonlySet<string> = new Set(
  'INT64 INT128 SERIAL BOOL STRING UUID JSON BLOB DATE TIMESTAMP TIMESTAMP_NS TIMESTAMP_MS TIMESTAMP_SEC TIMESTAMP_TZ INTERVAL'.split(
    ' ',
  ),
);

export class WriteRules {
  readonly #nodes: Rules;
  readonly #relationships: Rules;

  constructor(tables: readonly DeclaredTable[]) {
    this.#nodes = rulesOf(tables.filter(({ kind }) => kind === 'NODE'));
    this.#relationships = rulesOf(tables.filter(({ kind }) => kind === 'REL'));
  }

  /** Nothing is asked of anything: the usual case. */
  get isEmpty(): boolean {
    return this.#nodes.size === 0 && this.#relationships.size === 0;
  }

  /** Properties as a new node has them. @throws CypherError for values that do not fit */
  newNode(labels: readonly string[], properties: MapValue): MapValue {
    return labels.reduce((kept, label) => ruled(this.#nodes.get(label), label, kept, true), properties);
  }

  newRelationship(type: string, properties: MapValue): MapValue {
    return ruled(this.#relationships.get(type), type, properties, true);
  }

  /** Properties as a node that is changed has them. */
  node(labels: readonly string[], properties: MapValue): MapValue {
    return labels.reduce((kept, label) => ruled(this.#nodes.get(label), label, kept, false), properties);
  }

  relationship(type: string, properties: MapValue): MapValue {
    return ruled(this.#relationships.get(type), type, properties, false);
  }
}

function rulesOf(tables: readonly DeclaredTable[]): Rules {
  const rules = new Map<string, readonly ColumnRule[]>();
  for (const { name, columns } of tables) {
    const asking = columns
      .map((column): ColumnRule => {
        const { type, default: text } = column;
        const looks = !CONSTRAINT_SAYS_ALL.has(type.base) || (type.list ?? 0) > 0;
        return {
          name: column.name,
          type,
          looks,
          default: text === undefined ? undefined : defaultOf(text, type),
        };
      })
      .filter((rule) => rule.looks || rule.default !== undefined);
    if (asking.length > 0) rules.set(name, asking);
  }
  return rules;
}

function ruled(
  rules: readonly ColumnRule[] | undefined,
  table: string,
  properties: MapValue,
  isNew: boolean,
): MapValue {
  if (rules === undefined) return properties;
  let changed: Map<string, Value> | undefined;
  const set = (name: string, value: Value): void => {
    changed ??= new Map(properties);
    changed.set(name, value);
  };
  for (const rule of rules) {
    const value = properties.get(rule.name);
    if (value === undefined || value === null) {
      const made = isNew && value === undefined ? rule.default?.make() : undefined;
      if (made !== undefined && made !== null) set(rule.name, made);
    } else if (rule.looks) {
      const kept = asDeclared(value, rule, table);
      if (kept !== value) set(rule.name, kept);
    }
  }
  return changed ?? properties;
}

/** What is of another type altogether the constraint refuses. */
function asDeclared(value: Value, { name, type }: ColumnRule, table: string): Value {
  const kept = fitted(value, type);
  if (kept !== undefined) return kept;
  throw runtimeTypeError(
    'InvalidPropertyType',
    `The property '${name}' of ${table} is declared as ${typeText(type)}, and this value is none`,
  );
}
