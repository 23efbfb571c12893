/** Rows of SHOW INDEXES and SHOW CONSTRAINTS, with the columns that Neo4j shows unless it is asked for others. */
import type { Value } from '../../../cypher/index.ts';
import type { SchemaEntry } from './graph-schema.ts';

interface List {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

export function indexRows(entries: readonly SchemaEntry[]): List {
  const shown = entries.filter(hasIndex).sort(byName);
  return {
    columns: [
      'id',
      'name',
      'state',
      'populationPercent',
      'type',
      'entityType',
      'labelsOrTypes',
      'properties',
      'indexProvider',
      'owningConstraint',
      'lastRead',
      'readCount',
    ],
    rows: shown.map((entry) => [
      entry.id,
      entry.name,
      'ONLINE',
      100,
      'RANGE',
      entityType(entry),
      labelsOf(entry),
      entry.properties,
      'range-1.0',
      entry.kind === 'INDEX' ? null : entry.name,
      null,
      null,
    ]),
  };
}

export function constraintRows(entries: readonly SchemaEntry[]): List {
  const shown = entries.filter(({ kind }) => kind !== 'INDEX').sort(byName);
  return {
    columns: [
      'id',
      'name',
      'type',
      'entityType',
      'labelsOrTypes',
      'properties',
      'ownedIndex',
      'propertyType',
    ],
    rows: shown.map((entry) => [
      entry.id,
      entry.name,
      constraintType(entry),
      entityType(entry),
      labelsOf(entry),
      entry.properties,
      hasIndex(entry) ? entry.name : null,
      entry.propertyType ?? null,
    ]),
  };
}

/** None for what is about all nodes, or all relationships. */
const labelsOf = ({ label }: SchemaEntry): string[] => (label === '' ? [] : [label]);

const byName = (left: SchemaEntry, right: SchemaEntry): number => (left.name < right.name ? -1 : 1);

const hasIndex = ({ kind }: SchemaEntry): boolean => kind !== 'NOT NULL' && kind !== 'TYPE';

const entityType = ({ entity }: SchemaEntry): string => (entity === 'node' ? 'NODE' : 'RELATIONSHIP');

function constraintType(entry: SchemaEntry): string {
  switch (entry.kind) {
    case 'UNIQUE':
      return entry.entity === 'node' ? 'UNIQUENESS' : 'RELATIONSHIP_UNIQUENESS';
    case 'NOT NULL':
      return `${entityType(entry)}_PROPERTY_EXISTENCE`;
    case 'TYPE':
      return `${entityType(entry)}_PROPERTY_TYPE`;
    default:
      return `${entityType(entry)}_KEY`;
  }
}
