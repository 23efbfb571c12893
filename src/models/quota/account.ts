/** One caller with a plan as this process counts it, in memory. Reading and adding to the durable counts is ledger.ts. */

export interface Account {
  readonly name: string;
  /** Operations of the month in PostgreSQL, of all processes, as far as this one knows. */
  total: number;
  /** Operations that are counted here only. */
  pending: number;
  /** Operations that are on their way into PostgreSQL. */
  sending: number;
  /** False before the first look at PostgreSQL in this month. */
  known: boolean;
  /** When PostgreSQL was asked last, Unix time in milliseconds. */
  knownAtMs: number;
  /** That look, under way. */
  reading: Promise<void> | undefined;
  /** Open connections to this process. */
  connections: number;
  /** Of these, what the other processes were told last. */
  connectionsReported: number;
  reportedAtMs: number;
  /** Open connections to the other processes. */
  connectionsElsewhere: number;
}

export const newAccount = (name: string): Account => ({
  name,
  total: 0,
  pending: 0,
  sending: 0,
  known: false,
  knownAtMs: 0,
  reading: undefined,
  connections: 0,
  connectionsReported: 0,
  reportedAtMs: Number.NEGATIVE_INFINITY,
  connectionsElsewhere: 0,
});

/** Operations of the month. */
export const operationsOf = ({ total, pending, sending }: Account): number => total + pending + sending;

/** Connections to all processes. */
export const connectionsOf = ({ connections, connectionsElsewhere }: Account): number =>
  connections + connectionsElsewhere;

/** Nothing would be lost if it was forgotten. */
export const isIdle = ({ pending, sending, connections, connectionsReported, reading }: Account): boolean =>
  pending === 0 && sending === 0 && connections === 0 && connectionsReported === 0 && reading === undefined;
