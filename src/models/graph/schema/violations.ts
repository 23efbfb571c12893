/** What PostgreSQL says when a constraint of the graph is violated -> an error in the words of the graph. */
import { FacetError } from '../../../base/index.ts';
import { CypherError } from '../../../cypher/index.ts';
import { entryIdIn } from './definitions.ts';
import type { SchemaEntry } from './graph-schema.ts';

const FOREIGN_KEY_VIOLATION = '23503';
const UNIQUE_VIOLATION = '23505';
const CHECK_VIOLATION = '23514';

/** True for a violation of one of the graph's constraints, whose names only PostgreSQL's message tells. */
export function isViolation({ sqlState, message }: FacetError): boolean {
  return (sqlState === UNIQUE_VIOLATION || sqlState === CHECK_VIOLATION) && entryIdIn(message) !== undefined;
}

/** The foreign keys of relationships; which of the two tables is written tells what this transaction did. */
const LOST_END = /table "(edge|node)" violates foreign key constraint "edge_(?:src|dst)_fkey"/;

/**
 * A foreign key fails when another transaction is known to have deleted a node that this one connects, or to have
 * connected one that it deletes. Also for `InTransactionOptions.commitError`.
 */
export function endError(error: FacetError): FacetError {
  const [, table] = (error.sqlState === FOREIGN_KEY_VIOLATION && LOST_END.exec(error.message)) || [];
  if (table === undefined) return error;
  const [, id = ''] = /=\((\d+)\)/.exec(error.detail ?? '') ?? [];
  return table === 'edge'
    ? conflict(`Another transaction has deleted node ${id}, which this one connects`, error)
    : connectedByOther(id, error);
}

export const connectedByOther = (id: string, cause?: FacetError): FacetError =>
  conflict(`Another transaction has connected node ${id}, which this one deletes`, cause);

const conflict = (message: string, cause: FacetError | undefined): FacetError =>
  new FacetError('TRANSACTION_CONFLICT', message, {
    hint: 'Nothing of it was written. Run it again.',
    // What clients of PostgreSQL know as worth another attempt.
    sqlState: '40001',
    ...(cause === undefined ? {} : { cause }),
  });

/** Somebody else has made the same, at the same time perhaps. */
export const isUniqueViolation = (error: FacetError): boolean =>
  error.sqlState === UNIQUE_VIOLATION && isViolation(error);

/**
 * @param during `creation` of the constraint: then it is the stored graph that violates it
 * @returns undefined for other errors, and for a constraint that is not among the entries
 */
export function violationOf(
  error: FacetError,
  entries: readonly SchemaEntry[],
  during: 'query' | 'creation',
): CypherError | undefined {
  if (!isViolation(error)) return undefined;
  const id = entryIdIn(error.message);
  const entry = entries.find((one) => one.id === id);
  if (entry === undefined) return undefined;
  const what = broken(entry, error.sqlState === UNIQUE_VIOLATION);
  return during === 'creation'
    ? new CypherError(
        'ConstraintValidationFailed',
        'runtime',
        'ConstraintCreationFailed',
        `The constraint '${entry.name}' cannot be created, because ${what} already`,
      )
    : new CypherError(
        'ConstraintValidationFailed',
        'runtime',
        REASONS[entry.kind],
        `The constraint '${entry.name}' is violated: ${what}`,
      );
}

const REASONS: Readonly<Record<SchemaEntry['kind'], string>> = {
  INDEX: 'IndexViolation',
  UNIQUE: 'UniquenessViolation',
  KEY: 'KeyViolation',
  'NOT NULL': 'PropertyMissing',
  TYPE: 'PropertyTypeViolation',
};

/** `two nodes with the label 'Person' have the same value of the property 'email'` */
function broken({ entity, label, properties, kind, propertyType }: SchemaEntry, isUnique: boolean): string {
  const which =
    label === '' ? '' : entity === 'node' ? ` with the label '${label}'` : ` of the type '${label}'`;
  const one = `a ${entity}${which}`;
  const two = `two ${entity}s${which}`;
  const names = properties.map((property) => `'${property}'`).join(', ');
  const many = properties.length > 1;
  if (isUnique) {
    return `${two} have the same ${many ? 'values' : 'value'} of the ${many ? 'properties' : 'property'} ${names}`;
  }
  if (kind === 'TYPE') return `${one} has another type than ${propertyType ?? ''} in the property ${names}`;
  return `${one} lacks ${many ? 'one of the properties' : 'the property'} ${names}`;
}
