/** What the change feed needs of the namespace and the server that it belongs to. */
import type { Observe } from '../../base/index.ts';
import type { Database } from '../contract.ts';
import type { Gate } from '../gate.ts';
import type { Session } from '../session.ts';
import type { ChangePace } from './pace.ts';

export interface ChangeParts {
  readonly database: Database;
  /** Name of the namespace's database in PostgreSQL. */
  readonly databaseName: string;
  readonly gate: Gate;
  readonly observe: Observe;
  /** `triggers` where the server offers us no logical decoding. */
  readonly source: 'logical' | 'triggers';
  readonly pace: ChangePace;
  /** As the role of the namespace. */
  readonly openOwn: () => Promise<Session>;
  /**
   * As the role that may replicate: the superuser on our own server. Such sessions read the catalogs of PostgreSQL and
   * nothing else: a table in reach of users may be a view that calls their functions.
   */
  readonly openPrivileged: (replication: boolean) => Promise<Session>;
}
