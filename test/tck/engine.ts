/**
 * What the TCK needs of an engine. Each way to run Cypher has an adapter to this, and knows nothing of scenarios; the
 * runner knows nothing of engines.
 */
import type { Value } from '../../src/cypher/values/value.ts';
import type { TckProcedure } from './procedures.ts';

export interface TckEngine {
  /** An empty graph without procedures, which nobody else sees. */
  open(): Promise<TckGraph>;
  close(): Promise<void>;
}

export interface TckGraph {
  /** Makes a procedure known to later queries of this graph. */
  register(procedure: TckProcedure): void;
  /**
   * Prepares a query and runs it in a transaction of its own. Throws a CypherError, and then nothing has changed:
   * with the phase `compile time` if preparing it failed, before any row was read.
   */
  execute(query: string, parameters: ReadonlyMap<string, Value>): Promise<TckResult>;
  /** What is in the graph, read from where it is stored and not from counters of the engine. */
  snapshot(): Promise<GraphSnapshot>;
  dispose(): Promise<void>;
}

/** A query that returns nothing has no columns and no rows. */
export interface TckResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

export interface GraphSnapshot {
  /** Identities. */
  readonly nodes: ReadonlySet<bigint>;
  readonly relationships: ReadonlySet<bigint>;
  /** Names, each once, however many nodes have it. */
  readonly labels: ReadonlySet<string>;
  /** One `propertyFact` for each property of each entity. */
  readonly properties: ReadonlySet<string>;
}

/**
 * An entity, a key and a value as one text. The value is any text that is the same for the same value only, so that
 * `1` and `1.0` differ.
 */
export const propertyFact = (
  entity: 'node' | 'relationship',
  id: bigint,
  key: string,
  valueLiteral: string,
): string => JSON.stringify([entity, id.toString(), key, valueLiteral]);
