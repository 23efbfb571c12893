/** CONSTRAINT CREATE, DROP, LIST and GET: the constraints of Cypher under the language's names. */
import { asFacetError, FacetError } from '../../../../base/index.ts';
import type { Value } from '../../../../cypher/index.ts';
import type { ConstraintCreate, PropertyType } from '../../../../nql/index.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { cypherName } from '../condition-cypher.ts';
import { labelsCypher } from './cypher.ts';

const TYPES: Readonly<Record<PropertyType, string>> = {
  integer: 'INTEGER',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  string: 'STRING',
};

/** Types of Cypher as the language shows them; others as they are. */
const SHOWN_TYPES: Readonly<Record<string, string>> = {
  INTEGER: 'Int',
  FLOAT: 'Float',
  BOOLEAN: 'Bool',
  STRING: 'String',
};

function createText({ name, on, label, property, rule }: ConstraintCreate): string {
  const element = `x${labelsCypher([label])}`;
  const subject = on === 'node' ? `(${element})` : `()-[${element}]-()`;
  const required = rule === 'unique' ? 'UNIQUE' : rule === 'exists' ? 'NOT NULL' : `:: ${TYPES[rule.type]}`;
  return `CREATE CONSTRAINT ${cypherName(name.text)} FOR ${subject} REQUIRE x.${cypherName(property.text)} IS ${required}`;
}

interface Constraint {
  readonly name: string;
  readonly target: string;
  readonly property: string;
  readonly constraintType: string;
}

/** A row of SHOW CONSTRAINTS. */
function constraintOf(row: ReadonlyMap<string, Value>): Constraint {
  const [label] = row.get('labelsOrTypes') as readonly string[];
  const isNode = row.get('entityType') === 'NODE';
  const all = isNode ? 'AllNodes' : 'AllEdges';
  return {
    name: String(row.get('name')),
    target: label === undefined ? all : `${isNode ? 'Node' : 'Edge'}(${label})`,
    property: (row.get('properties') as readonly string[]).join(', '),
    constraintType: ruleText(String(row.get('type')), row.get('propertyType') ?? null),
  };
}

function ruleText(type: string, propertyType: Value): string {
  if (type.endsWith('UNIQUENESS')) return 'UNIQUE';
  if (type.endsWith('_EXISTENCE')) return 'EXISTS';
  if (typeof propertyType === 'string') return `TYPE(${SHOWN_TYPES[propertyType] ?? propertyType})`;
  return 'KEY';
}

async function constraints(call: StatementCall): Promise<Constraint[]> {
  const { columns, rows } = await askCypher(call, 'SHOW CONSTRAINTS');
  return rows.map((row) => constraintOf(new Map(columns.map((column, at) => [column, row[at] ?? null]))));
}

export const CONSTRAINT_RUNNERS: Runners<
  'constraint-create' | 'constraint-drop' | 'constraint-list' | 'constraint-get'
> = {
  'constraint-create': {
    answers: () => 'empty',
    run: async (statement, call) => {
      try {
        await askCypher(call, createText(statement));
      } catch (thrown) {
        const { code, message } = asFacetError(thrown);
        if (code !== 'OBJECT_ALREADY_EXISTS') throw thrown;
        throw new FacetError(code, message, { cause: thrown });
      }
      return { case: 'empty', value: {} };
    },
  },

  'constraint-drop': {
    answers: () => 'empty',
    run: async ({ name }, call) => {
      try {
        await askCypher(call, `DROP CONSTRAINT ${cypherName(name.text)}`);
      } catch (thrown) {
        if (asFacetError(thrown).code !== 'OBJECT_NOT_FOUND') throw thrown;
        throw new FacetError('OBJECT_NOT_FOUND', `Constraint not found: ${name.text}`, { cause: thrown });
      }
      return { case: 'empty', value: {} };
    },
  },

  'constraint-list': {
    answers: () => 'constraints',
    run: async (_, call) => ({ case: 'constraints', value: { items: await constraints(call) } }),
  },

  'constraint-get': {
    answers: () => 'constraints',
    run: async ({ name }, call) => {
      const items = (await constraints(call)).filter((one) => one.name === name.text);
      return { case: 'constraints', value: { items } };
    },
  },
};
