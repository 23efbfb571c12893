/**
 * Decides where a client's statement runs, and whether its session must be cleaned afterwards.
 *
 * The read lane is one session shared by all, so a text gets there only if it (1) is a single read without INTO and
 * row locks, (2) calls nothing but builtin functions that leave nothing behind, also not through a view, and (3) ran
 * twice in the pool before, or others of its shape did, fast and with few rows. If it fails there by a timeout, a lock or
 * an attempt to write, it runs again in the pool, and all of its shape stay there for a while. All else runs in the pool,
 * on a session of its own.
 */
import { FacetError, LIMITS, monotonicMs, RecentMap } from '../base/index.ts';
import type { FunctionCatalog } from './function-catalog.ts';
import { sqlShape, sqlTextOf } from './sql-shape.ts';
import type { SqlText } from './sql-text.ts';

/** A text and what is known of it. */
export interface Route {
  readonly sql: string;
  readonly text: SqlText;
  /** Why this text is refused whatever it is sent with. */
  readonly refusal: FacetError | undefined;
  /** A single statement that can only read, as far as its text shows. */
  readonly reads: boolean;
  /** Worth a name: its columns are fixed once it is parsed, and it has no literals, or was asked for before. */
  readonly named: boolean;
  readonly changesSchema: boolean;
  readonly shape: Shape;
}

type OwnRoute = Route & { named: boolean };

/** What is known of texts that differ in literals alone. */
interface Shape {
  readonly text: SqlText;
  readonly reads: boolean;
  readonly nameable: boolean;
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
  readonly #routes = new RecentMap<string, OwnRoute>(REMEMBERED_MAX);
  readonly #shapes = new RecentMap<string, Shape>(REMEMBERED_MAX);
  #catalog: FunctionCatalog | undefined = undefined;

  /** What is known of `sql`; equal texts share it. */
  route(sql: string): Route {
    if (sql.length > REMEMBERED_LENGTH_MAX) return makeRoute(sql, makeShape(sql), false);
    const known = this.#routes.get(sql);
    if (known !== undefined) {
      known.named = known.shape.nameable;
      return known;
    }
    const shape = sqlShape(sql);
    const route = makeRoute(sql, this.#shapeOf(shape, sql), shape === sql);
    this.#routes.set(sql, route);
    return route;
  }

  #shapeOf(shape: string, sql: string): Shape {
    const known = this.#shapes.get(shape);
    if (known !== undefined) return known;
    const made = makeShape(sql);
    this.#shapes.set(shape, made);
    return made;
  }

  get catalog(): FunctionCatalog | undefined {
    return this.#catalog;
  }

  /** Undefined while the catalog may be out of date: then nothing is taken for safe. */
  useCatalog(catalog: FunctionCatalog | undefined): void {
    this.#catalog = catalog;
  }

  goesOverLane({ shape }: Route): boolean {
    return (
      shape.reads &&
      shape.fastRuns >= FAST_RUNS &&
      this.#verdict(shape).provenRead &&
      (shape.poolUntilMs === 0 || monotonicMs() >= shape.poolUntilMs)
    );
  }

  /** True if the statement is known to leave nothing in its session. */
  leavesNothing(route: Route): boolean {
    return this.#verdict(route.shape).leavesNothing;
  }

  provenRead(route: Route): boolean {
    return this.#verdict(route.shape).provenRead;
  }

  /** True if code of users that the statement may run changes the schema. */
  mayRunDdl(route: Route): boolean {
    return this.#catalog?.mayRunDdl(route.text, route.reads) === true;
  }

  /** Called after a run in the pool that succeeded. */
  noteRun({ shape }: Route, durationMs: number, rows: number): void {
    if (durationMs < FAST_MS && rows < FEW_ROWS) shape.fastRuns++;
    else shape.fastRuns = 0;
  }

  /** Called after a run on the lane that succeeded: one that held up others has to prove anew that it does not. */
  noteLaneRun({ shape }: Route, rows: number): void {
    if (rows >= FEW_ROWS) shape.fastRuns = 0;
  }

  /** After a failure on the lane: true if the statement is to run again in the pool, where it may take its time. */
  demotes({ shape }: Route, error: FacetError): boolean {
    if (!DEMOTING.has(error.sqlState ?? '')) return false;
    shape.fastRuns = 0;
    shape.poolUntilMs = monotonicMs() + DEMOTED_MS;
    return true;
  }

  #verdict(shape: Shape): { readonly provenRead: boolean; readonly leavesNothing: boolean } {
    const catalog = this.#catalog;
    if (catalog === undefined) return UNPROVEN;
    if (shape.verdict?.catalog === catalog) return shape.verdict;
    const { text, reads } = shape;
    const hidden = reads ? catalog.hiddenInReads : catalog.hiddenInWrites;
    const verdict = {
      catalog,
      provenRead: reads && !hidden && catalog.provesCalls(text, false),
      leavesNothing: text.sessionSafe && !hidden && catalog.provesCalls(text, true),
    };
    shape.verdict = verdict;
    return verdict;
  }
}

const UNPROVEN = { provenRead: false, leavesNothing: false };

function makeRoute(sql: string, shape: Shape, comesAgain: boolean): OwnRoute {
  const { text, reads, nameable, changesSchema } = shape;
  return {
    sql,
    text,
    refusal: refusalOf(sql),
    reads,
    named: nameable && comesAgain,
    changesSchema,
    shape,
  };
}

function makeShape(sql: string): Shape {
  const text = sqlTextOf(sql);
  return {
    text,
    reads:
      text.statements === 1 &&
      READS.has(text.verb) &&
      !text.into &&
      !text.locking &&
      !text.temporary &&
      !text.dataModifyingWith,
    nameable:
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
