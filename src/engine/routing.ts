/**
 * Decides where a client's statement runs, and whether its session must be cleaned afterwards.
 *
 * The read lane is one session shared by all, so a text gets there only if it (1) is a single read without INTO and
 * row locks, (2) calls nothing but builtin functions that leave nothing behind, also not through a view, and (3) ran
 * twice in the pool before, fast and with few rows. If it fails there by a timeout, a lock or an attempt to write,
 * it runs again in the pool, and stays there for a while. All else runs in the pool, on a session of its own.
 */
import { FacetError, LIMITS, monotonicMs } from '../base/index.ts';
import type { FunctionCatalog } from './function-catalog.ts';
import { readSqlText, type SqlText } from './sql-text.ts';

/** A text and what is known of it. */
export interface Route {
  readonly sql: string;
  readonly text: SqlText;
  /** Why this text is refused whatever it is sent with. */
  readonly refusal: FacetError | undefined;
  /** A single statement that can only read, as far as its text shows. */
  readonly reads: boolean;
  /** Worth a name: its columns are fixed once it is parsed. */
  readonly named: boolean;
  readonly changesSchema: boolean;
  /** Fast runs in the pool in a row. */
  fastRuns: number;
  /** On the monotonic clock: not on the lane before. */
  poolUntilMs: number;
  /** What the catalog said, as long as it is that catalog. */
  verdict:
    | { readonly catalog: FunctionCatalog; readonly provenRead: boolean; readonly leavesNothing: boolean }
    | undefined;
}

/** One fast run may be luck. */
const FAST_RUNS = 2;
/** Nobody on the lane notices a neighbour that takes this long. */
const FAST_MS = 10;
/** More rows than this hold up the answers behind them while they are sent. */
const FEW_ROWS = 1_000;
/** A text that was too slow once is slow again: data seldom shrink within ten minutes. */
const DEMOTED_MS = 600_000;
/** Longer texts are seldom sent twice, and keeping them would cost memory. */
const REMEMBERED_LENGTH_MAX = 16 * 1024;
/** Applications send some hundred different texts; those with literals in them come and go. */
const REMEMBERED_MAX = 2_000;

const READS = new Set(['SELECT', 'VALUES', 'TABLE']);
const OPTIMIZABLE = new Set([...READS, 'INSERT', 'UPDATE', 'DELETE', 'MERGE']);
const SCHEMA_VERBS = new Set(['CREATE', 'ALTER', 'DROP', 'DO', 'CALL', 'IMPORT', 'SECURITY', 'REASSIGN']);
const DEMOTING = new Set(['57014', '55P03', '25006']);

export class Router {
  /** Two generations: what is asked for moves to the young one, and the old one is dropped when the young is full. */
  #young = new Map<string, Route>();
  #old = new Map<string, Route>();
  #catalog: FunctionCatalog | undefined = undefined;

  /** What is known of `sql`; equal texts share it. */
  route(sql: string): Route {
    const young = this.#young.get(sql);
    if (young !== undefined) return young;
    const route = this.#old.get(sql) ?? makeRoute(sql);
    if (sql.length <= REMEMBERED_LENGTH_MAX) {
      if (this.#young.size >= REMEMBERED_MAX / 2) {
        this.#old = this.#young;
        this.#young = new Map();
      }
      this.#young.set(sql, route);
    }
    return route;
  }

  get catalog(): FunctionCatalog | undefined {
    return this.#catalog;
  }

  /** Undefined while the catalog may be out of date: then nothing is taken for safe. */
  useCatalog(catalog: FunctionCatalog | undefined): void {
    this.#catalog = catalog;
  }

  goesOverLane(route: Route): boolean {
    return (
      route.reads &&
      route.fastRuns >= FAST_RUNS &&
      this.#verdict(route).provenRead &&
      (route.poolUntilMs === 0 || monotonicMs() >= route.poolUntilMs)
    );
  }

  /** True if the statement is known to leave nothing in its session. */
  leavesNothing(route: Route): boolean {
    return this.#verdict(route).leavesNothing;
  }

  provenRead(route: Route): boolean {
    return this.#verdict(route).provenRead;
  }

  /** True if code of users that the statement may run changes the schema. */
  mayRunDdl(route: Route): boolean {
    return this.#catalog?.mayRunDdl(route.text, route.reads) === true;
  }

  /** Called after a run in the pool that succeeded. */
  noteRun(route: Route, durationMs: number, rows: number): void {
    if (durationMs < FAST_MS && rows < FEW_ROWS) route.fastRuns++;
    else route.fastRuns = 0;
  }

  /** After a failure on the lane: true if the statement is to run again in the pool, where it may take its time. */
  demotes(route: Route, error: FacetError): boolean {
    if (!DEMOTING.has(error.sqlState ?? '')) return false;
    route.fastRuns = 0;
    route.poolUntilMs = monotonicMs() + DEMOTED_MS;
    return true;
  }

  #verdict(route: Route): { readonly provenRead: boolean; readonly leavesNothing: boolean } {
    const catalog = this.#catalog;
    if (catalog === undefined) return UNPROVEN;
    if (route.verdict?.catalog === catalog) return route.verdict;
    const { text, reads } = route;
    const hidden = reads ? catalog.hiddenInReads : catalog.hiddenInWrites;
    const verdict = {
      catalog,
      provenRead: reads && !hidden && catalog.provesCalls(text, false),
      leavesNothing: text.sessionSafe && !hidden && catalog.provesCalls(text, true),
    };
    route.verdict = verdict;
    return verdict;
  }
}

const UNPROVEN = { provenRead: false, leavesNothing: false };

function makeRoute(sql: string): Route {
  const text = readSqlText(sql);
  return {
    sql,
    text,
    refusal: refusalOf(sql),
    reads:
      text.statements === 1 &&
      READS.has(text.verb) &&
      !text.into &&
      !text.locking &&
      !text.temporary &&
      !text.dataModifyingWith,
    named:
      OPTIMIZABLE.has(text.verb) &&
      text.statements === 1 &&
      !text.into &&
      sql.length <= REMEMBERED_LENGTH_MAX,
    changesSchema: SCHEMA_VERBS.has(text.verb) || text.into,
    fastRuns: 0,
    poolUntilMs: 0,
    verdict: undefined,
  };
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** What the protocol or PostgreSQL's encoding cannot carry. */
function refusalOf(sql: string): FacetError | undefined {
  if (sql.length * 3 > LIMITS.sqlTextBytesMax && Buffer.byteLength(sql) > LIMITS.sqlTextBytesMax) {
    return new FacetError(
      'LIMIT_EXCEEDED',
      `The SQL text is longer than ${LIMITS.sqlTextBytesMax} bytes (sqlTextBytesMax)`,
    );
  }
  const nul = sql.indexOf('\0');
  if (nul !== -1) {
    return new FacetError('INVALID_SQL', `Syntax error at position ${nul + 1}: a NUL character`, {
      position: nul + 1,
    });
  }
  const surrogate = sql.search(LONE_SURROGATE);
  if (surrogate !== -1) {
    return new FacetError(
      'INVALID_SQL',
      `Syntax error at position ${surrogate + 1}: half of a surrogate pair`,
      {
        position: surrogate + 1,
      },
    );
  }
  return undefined;
}
