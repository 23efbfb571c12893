/** Names of databases, as Neo4j's clients have them, to namespaces. */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Store } from '../../engine/index.ts';

/** The database that clients of Neo4j ask for who have never chosen one: here the default namespace. */
const USUAL = 'neo4j';
const SYSTEM = 'system';

export class Databases {
  readonly #store: Store;
  #usualLookedMs: number | undefined = undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Undefined for the namespace that belongs to the client, else the default one: for no name, and for `neo4j` unless
   * there is a namespace of that name. At once in the usual case.
   * @throws FEATURE_NOT_SUPPORTED for `system`, whose commands are none of this server's
   */
  namespaceOf(database: string | undefined): string | undefined | Promise<string | undefined> {
    if (database === undefined || database === '') return undefined;
    // Names of Neo4j's databases are the same in all cases.
    const name = database.toLowerCase();
    if (name === SYSTEM) {
      throw new FacetError(
        'FEATURE_NOT_SUPPORTED',
        "There is no database 'system' here: databases are namespaces",
        {
          hint: 'A namespace is made by its first use. Users and roles are in the configuration of the server.',
        },
      );
    }
    if (name !== USUAL) return name;
    if (this.#store.openNamespace(USUAL) !== undefined) return USUAL;
    const lookedMs = this.#usualLookedMs;
    if (lookedMs !== undefined && monotonicMs() - lookedMs < LIMITS.boltDatabaseLookMs) return undefined;
    return this.#look();
  }

  async #look(): Promise<string | undefined> {
    try {
      await this.#store.namespace(USUAL, { create: false });
      return USUAL;
    } catch (thrown) {
      const error = asFacetError(thrown);
      if (error.code !== 'DATABASE_NOT_FOUND') throw error;
      this.#usualLookedMs = monotonicMs();
      return undefined;
    }
  }
}
