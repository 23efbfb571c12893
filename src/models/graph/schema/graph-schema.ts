/**
 * Indexes and constraints of a graph, as the catalog table has them, kept for each database. A copy that is out of date
 * does no harm: it may miss an index for a while, and a test of a key whose index is gone is still true.
 */
import { monotonicMs } from '../../../base/index.ts';
import type { Cell, Database } from '../../../engine/index.ts';
import { READ_ENTRIES, READ_VERSION } from './schema-statements.ts';

export type EntityKind = 'node' | 'relationship';

export interface SchemaEntry {
  readonly id: bigint;
  readonly name: string;
  readonly kind: 'INDEX' | 'UNIQUE' | 'NOT NULL' | 'KEY' | 'TYPE';
  readonly entity: EntityKind;
  /** Of a relationship its type; '' for all nodes or all relationships. */
  readonly label: string;
  readonly properties: readonly string[];
  /** Of TYPE only: `INTEGER | LIST<STRING>`. */
  readonly propertyType: string | undefined;
}

/** Between two looks at what other processes may have changed. */
const LOOK_MS = 5_000;

export class GraphSchema {
  /** Grows with each change. */
  readonly version: string;
  readonly entries: readonly SchemaEntry[];
  /** Strings are ordered by code point within jsonb, too, as Cypher orders them. */
  readonly codePointOrder: boolean;
  readonly #byProperty = new Map<string, SchemaEntry[]>();

  constructor(version: string, entries: readonly SchemaEntry[], codePointOrder: boolean) {
    this.version = version;
    this.entries = entries;
    this.codePointOrder = codePointOrder;
    for (const entry of entries) {
      for (const key of entry.properties) {
        const place = placeOf(entry.entity, entry.label, key);
        const known = this.#byProperty.get(place);
        if (known === undefined) this.#byProperty.set(place, [entry]);
        else known.push(entry);
      }
    }
  }

  /** One whose key finds equal values; a unique one first. */
  equalityIndex(entity: EntityKind, labels: readonly string[], key: string): SchemaEntry | undefined {
    const found = this.#of(entity, labels, key);
    return found.find(({ kind }) => kind === 'UNIQUE' || kind === 'KEY') ?? found.find(isIndex);
  }

  /** One whose keys are in the order of the values. */
  rangeIndex(entity: EntityKind, labels: readonly string[], key: string): SchemaEntry | undefined {
    return this.#of(entity, labels, key).find(isIndex);
  }

  #of(entity: EntityKind, labels: readonly string[], key: string): readonly SchemaEntry[] {
    if (this.entries.length === 0) return [];
    return [...labels, ANY].flatMap((label) => this.#byProperty.get(placeOf(entity, label, key)) ?? []);
  }
}

/** The label of entries that are about all nodes, or all relationships. */
const ANY = '';

const isIndex = ({ kind }: SchemaEntry): boolean => kind === 'INDEX';

const placeOf = (entity: EntityKind, label: string, key: string): string =>
  JSON.stringify([entity, label, key]);

interface Kept {
  readonly schema: GraphSchema;
  /** Of the database when it was read: it grows with each change of tables and indexes by this process. */
  readonly databaseVersion: number;
  readonly readAtMs: number;
}

const KEPT = new WeakMap<Database, Kept>();
const READING = new WeakMap<Database, Promise<GraphSchema>>();

/** What was changed by this process is known at once, what by others within LOOK_MS. */
export function graphSchema(database: Database): GraphSchema | Promise<GraphSchema> {
  const kept = KEPT.get(database);
  const isFresh =
    kept !== undefined &&
    kept.databaseVersion === database.schemaVersion &&
    monotonicMs() - kept.readAtMs < LOOK_MS;
  if (isFresh) return kept.schema;
  let reading = READING.get(database);
  if (reading === undefined) {
    reading = read(database, kept);
    READING.set(database, reading);
  }
  return reading;
}

/** Reads it again at the next use: who reads now may have come too early. */
export function forgetGraphSchema(database: Database): void {
  KEPT.delete(database);
  READING.delete(database);
  FORGOTTEN.set(database, (FORGOTTEN.get(database) ?? 0) + 1);
}

/** How often it was. */
const FORGOTTEN = new WeakMap<Database, number>();

async function read(database: Database, kept: Kept | undefined): Promise<GraphSchema> {
  const forgotten = FORGOTTEN.get(database);
  const isLatest = (): boolean => FORGOTTEN.get(database) === forgotten;
  try {
    const found = await readKept(database, kept);
    if (isLatest()) KEPT.set(database, found);
    return found.schema;
  } finally {
    if (isLatest()) READING.delete(database);
  }
}

async function readKept(database: Database, kept: Kept | undefined): Promise<Kept> {
  const databaseVersion = database.schemaVersion;
  const readAtMs = monotonicMs();
  const { rows } = await database.run(READ_VERSION);
  const [version, codePointOrder] = rows[0] ?? [];
  let schema = kept?.schema;
  if (schema === undefined || schema.version !== version) {
    const found = await database.run(READ_ENTRIES);
    schema = new GraphSchema(version ?? '', found.rows.map(entryOf), codePointOrder === 't');
  }
  return { schema, databaseVersion, readAtMs };
}

/** @param row as READ_ENTRIES has it */
export function entryOf([id, name, kind, entity, label, properties, type]: readonly Cell[]): SchemaEntry {
  return {
    id: BigInt(id ?? ''),
    name: name ?? '',
    kind: kind as SchemaEntry['kind'],
    entity: entity as EntityKind,
    label: label ?? '',
    properties: JSON.parse(properties ?? '[]') as string[],
    propertyType: type ?? undefined,
  };
}
