/** Names of databases, as Neo4j's clients have them, to namespaces. */
import { asFacetError, FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import type { Value } from '../../cypher/index.ts';
import type { Store } from '../../engine/index.ts';
import type { DATABASE_COLUMNS, DatabaseRow, Wanted } from './show-commands.ts';

/** The database that clients of Neo4j ask for who have never chosen one: here the default namespace. */
const USUAL = 'neo4j';
export const SYSTEM = 'system';

/** Whether a client asks for the database in which Neo4j has its commands on databases and users. */
export const isSystem = (database: string | undefined): boolean => database?.toLowerCase() === SYSTEM;

export const noSystem = (): FacetError =>
  new FacetError('FEATURE_NOT_SUPPORTED', "There is no database 'system' here: databases are namespaces", {
    hint: 'A namespace is made by its first use. Users and roles are in the configuration of the server.',
  });

/** Who asks which databases there are. */
export interface Asking {
  /** The namespace of a client that names none. */
  readonly home: string;
  /** The only one that the client may use. */
  readonly boundTo: string | undefined;
  readonly mayWrite: boolean;
  /** Of this server, as clients know it. */
  readonly address: string;
}

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
    if (name === SYSTEM) throw noSystem();
    if (name !== USUAL) return name;
    if (this.#store.openNamespace(USUAL) !== undefined) return USUAL;
    const lookedMs = this.#usualLookedMs;
    if (lookedMs !== undefined && monotonicMs() - lookedMs < LIMITS.boltDatabaseLookMs) return undefined;
    return this.#look();
  }

  /** Rows of SHOW DATABASES. All that are known: open in this process, or the ones that have a name of their own. */
  async list(wanted: Wanted, asking: Asking): Promise<readonly DatabaseRow[]> {
    const { defaultNamespace, opened, facts } = this.#store;
    const usual = (await this.namespaceOf(USUAL)) ?? asking.home;
    const open = opened.map(({ namespace }) => namespace);
    const known = new Set([defaultNamespace, asking.home, usual, ...open]);
    const names =
      wanted === 'default'
        ? [defaultNamespace]
        : wanted === 'home'
          ? [asking.home]
          : wanted === 'all'
            ? [...known].sort()
            : await this.#named(wanted.named.toLowerCase(), known, usual, asking);
    const isWriter = facts.standby !== true;
    return names
      .filter((name) => asking.boundTo === undefined || name === asking.boundTo)
      .map((name) => {
        const row: Record<(typeof DATABASE_COLUMNS)[number], Value> = {
          name,
          type: 'standard',
          aliases: name === usual && name !== USUAL ? [USUAL] : [],
          access: isWriter && asking.mayWrite ? 'read-write' : 'read-only',
          address: asking.address,
          role: isWriter ? 'primary' : 'secondary',
          writer: isWriter,
          requestedStatus: 'online',
          currentStatus: 'online',
          statusMessage: '',
          default: name === defaultNamespace,
          home: name === asking.home,
          constituents: [],
        };
        return new Map(Object.entries(row));
      });
  }

  async #named(
    name: string,
    known: ReadonlySet<string>,
    usual: string,
    { boundTo }: Asking,
  ): Promise<readonly string[]> {
    if (name === USUAL) return [usual];
    if (known.has(name)) return [name];
    // Nobody learns what else there is.
    if (name === SYSTEM || (boundTo !== undefined && name !== boundTo)) return [];
    try {
      await this.#store.namespace(name, { create: false });
      return [name];
    } catch (thrown) {
      const { code } = asFacetError(thrown);
      if (code === 'DATABASE_NOT_FOUND' || code === 'NAMESPACE_INVALID') return [];
      throw thrown;
    }
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
