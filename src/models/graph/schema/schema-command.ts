/** Creates, drops and lists indexes and constraints: the schema commands of Cypher. */
import { asFacetError, FacetError, LIMITS } from '../../../base/index.ts';
import type { SchemaCommand, Value } from '../../../cypher/index.ts';
import {
  arrayLiteral,
  type Database,
  type RunOptions,
  statement,
  type Transaction,
} from '../../../engine/index.ts';
import { automaticName } from './automatic-name.ts';
import { checkDefinition, createSql, type Definition, dropSql } from './definitions.ts';
import { entryOf, forgetGraphSchema, type SchemaEntry } from './graph-schema.ts';
import { DELETE_ENTRY, INSERT_ENTRY, NEXT_VERSION, READ_ENTRIES } from './schema-statements.ts';
import { constraintRows, indexRows } from './show.ts';
import { violationOf } from './violations.ts';

export interface SchemaCounters {
  indexesAdded: number;
  indexesRemoved: number;
  constraintsAdded: number;
  constraintsRemoved: number;
}

export const noSchemaCounters = (): SchemaCounters => ({
  indexesAdded: 0,
  indexesRemoved: 0,
  constraintsAdded: 0,
  constraintsRemoved: 0,
});

export interface SchemaOptions extends RunOptions {
  /** Called first in the transaction of a command that changes something. */
  readonly enter?: ((transaction: Transaction) => Promise<void>) | undefined;
  /** Called last in the transaction of a command that has changed something. */
  readonly changed?: ((transaction: Transaction) => void) | undefined;
  /** As InTransactionOptions.position. */
  readonly position?: (lsn: string) => void;
}

export interface SchemaResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  readonly counters: SchemaCounters;
}

/**
 * Runs it as a whole or not at all, in a transaction of its own or in the one given. While an index or a
 * constraint is made, writes to nodes (or relationships) wait; while a constraint on properties is dropped, reads do too.
 * @throws CypherError ConstraintValidationFailed when what is stored violates a new constraint, INDEX_ALREADY_EXISTS,
 *   OBJECT_ALREADY_EXISTS, INDEX_NOT_FOUND, OBJECT_NOT_FOUND, FEATURE_NOT_SUPPORTED, INVALID_PARAMETER, LIMIT_EXCEEDED
 */
export async function runSchemaCommand(
  database: Database,
  command: SchemaCommand,
  options: SchemaOptions,
): Promise<SchemaResult> {
  if (command.kind === 'show-indexes') return listed(indexRows(await readEntries(database, options)));
  if (command.kind === 'show-constraints')
    return listed(constraintRows(await readEntries(database, options)));
  const definition = definitionOf(command);
  try {
    const counters = await database.inTransaction(async (transaction) => {
      await options.enter?.(transaction);
      const change = new Change(database, { ...options, transaction });
      await change.begin();
      if (definition !== undefined) await change.create(definition, isLenient(command));
      else await change.drop(command as DropCommand);
      if (Object.values(change.counters).some((count) => count > 0)) options.changed?.(transaction);
      return change.counters;
    }, options);
    return { columns: [], rows: [], counters };
  } finally {
    forgetGraphSchema(database);
  }
}

/** Indexes and constraints that stood elsewhere, in the transaction of `options`. @throws as `runSchemaCommand` */
export async function createDefinitions(
  database: Database,
  definitions: readonly Definition[],
  options: RunOptions & { readonly transaction: Transaction },
): Promise<void> {
  if (definitions.length === 0) return;
  const change = new Change(database, options);
  await change.begin();
  for (const definition of definitions) await change.create(definition, false);
  forgetGraphSchema(database);
}

/** Drops constraints by their names, as far as they are there, in the transaction of `options`. */
export async function dropDefinitions(
  database: Database,
  names: readonly string[],
  options: RunOptions & { readonly transaction: Transaction },
): Promise<void> {
  if (names.length === 0) return;
  const change = new Change(database, options);
  await change.begin();
  for (const name of names) await change.drop({ kind: 'drop-constraint', name, ifExists: true });
  forgetGraphSchema(database);
}

type DropCommand = Extract<SchemaCommand, { readonly kind: 'drop-index' | 'drop-constraint' }>;

const listed = (list: Pick<SchemaResult, 'columns' | 'rows'>): SchemaResult => ({
  ...list,
  counters: noSchemaCounters(),
});

async function readEntries(database: Database, options: RunOptions): Promise<readonly SchemaEntry[]> {
  const { rows } = await database.run(READ_ENTRIES, [], options);
  return rows.map(entryOf);
}

const isLenient = (command: SchemaCommand): boolean => 'ifNotExists' in command && command.ifNotExists;

/** Undefined for commands that create nothing. */
function definitionOf(command: SchemaCommand): Definition | undefined {
  if (command.kind !== 'create-index' && command.kind !== 'create-constraint') return undefined;
  if (command.kind === 'create-index' && command.type !== 'RANGE') {
    throw new FacetError('FEATURE_NOT_SUPPORTED', `${command.type} indexes are not offered here`, {
      hint: 'A RANGE index serves equality, order and STARTS WITH; labels and types are always indexed.',
    });
  }
  const { entity, label, properties } = command;
  const rest = {
    kind: command.kind === 'create-index' ? 'INDEX' : command.requires,
    entity,
    label,
    properties,
    propertyType: command.kind === 'create-index' ? undefined : command.propertyType,
  } as const;
  const definition: Definition = { ...rest, name: command.name ?? automaticName(rest) };
  checkDefinition(definition);
  if (properties.length > LIMITS.graphIndexPropertiesMax) {
    throw new FacetError(
      'LIMIT_EXCEEDED',
      `An index or constraint has at most ${LIMITS.graphIndexPropertiesMax} properties (graphIndexPropertiesMax)`,
    );
  }
  return definition;
}

class Change {
  readonly counters = noSchemaCounters();
  readonly #database: Database;
  readonly #options: RunOptions & { readonly transaction: Transaction };
  #entries: readonly SchemaEntry[] = [];

  constructor(database: Database, options: RunOptions & { readonly transaction: Transaction }) {
    this.#database = database;
    this.#options = options;
  }

  /** From here on other changes wait, so what is read is how it is. */
  async begin(): Promise<void> {
    await this.#database.run(NEXT_VERSION, [], this.#options);
    this.#entries = await readEntries(this.#database, this.#options);
  }

  async create(definition: Definition, isOptional: boolean): Promise<void> {
    const clash = this.#entries.find(
      (entry) => entry.name === definition.name || isEquivalent(entry, definition),
    );
    if (clash !== undefined) {
      if (isOptional) return;
      throw existing(clash, definition);
    }
    const { name, kind, entity, label, properties, propertyType } = definition;
    const { rows } = await this.#database.run(
      INSERT_ENTRY,
      [name, kind, entity, label, arrayLiteral(properties), propertyType ?? null],
      this.#options,
    );
    const id = BigInt(rows[0]?.[0] ?? '');
    try {
      await this.#runAll('graph.create_schema_entry', createSql(id, definition));
    } catch (thrown) {
      throw violationOf(asFacetError(thrown), [{ id, ...definition }], 'creation') ?? thrown;
    }
    if (kind === 'INDEX') this.counters.indexesAdded = 1;
    else this.counters.constraintsAdded = 1;
  }

  async drop({ kind, name, ifExists }: Omit<DropCommand, 'span'>): Promise<void> {
    const entry = this.#entries.find((one) => one.name === name);
    const wantsIndex = kind === 'drop-index';
    if (entry === undefined || (entry.kind === 'INDEX') !== wantsIndex) {
      if (entry !== undefined && wantsIndex) {
        throw new FacetError(
          'DEPENDENT_OBJECTS_EXIST',
          `'${name}' is a constraint, not an index of its own`,
          {
            hint: 'Drop it with DROP CONSTRAINT.',
          },
        );
      }
      if (ifExists) return;
      throw new FacetError(
        wantsIndex ? 'INDEX_NOT_FOUND' : 'OBJECT_NOT_FOUND',
        `There is no ${wantsIndex ? 'index' : 'constraint'} named '${name}'`,
      );
    }
    await this.#runAll('graph.drop_schema_entry', dropSql(entry));
    await this.#database.run(DELETE_ENTRY, [String(entry.id)], this.#options);
    if (wantsIndex) this.counters.indexesRemoved = 1;
    else this.counters.constraintsRemoved = 1;
  }

  async #runAll(name: string, texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.#database.run(statement(name, text), [], this.#options);
  }
}

/** Constraints that are unique have an index, so that another one for the same would be of no use. */
function isEquivalent(entry: SchemaEntry, definition: Definition): boolean {
  const isSamePlace =
    entry.entity === definition.entity &&
    entry.label === definition.label &&
    entry.properties.length === definition.properties.length &&
    entry.properties.every((property, at) => property === definition.properties[at]);
  if (!isSamePlace) return false;
  return entry.kind === definition.kind || (hasIndex(entry) && hasIndex(definition));
}

const hasIndex = ({ kind }: Definition): boolean => kind === 'INDEX' || kind === 'UNIQUE' || kind === 'KEY';

function existing(entry: SchemaEntry, wanted: Definition): FacetError {
  const what = entry.kind === 'INDEX' ? 'index' : 'constraint';
  const why =
    entry.name === wanted.name
      ? `There already exists ${what === 'index' ? 'an index' : 'a constraint'} named '${entry.name}'`
      : `The ${what} '${entry.name}' already serves the same properties`;
  return new FacetError(what === 'index' ? 'INDEX_ALREADY_EXISTS' : 'OBJECT_ALREADY_EXISTS', why, {
    hint: 'With IF NOT EXISTS nothing happens in this case.',
  });
}
