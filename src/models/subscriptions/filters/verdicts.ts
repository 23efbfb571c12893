/**
 * The verdicts of PostgreSQL on the changes of one table, for all who filter it. Each change is evaluated once, with all
 * conditions that are in use, in a statement for many changes; who asks later for the same change, from a cursor of its
 * own, gets the verdict that is there. So a hundred subscribers with filters cost one statement. A condition that is slow
 * or raises leaves the company of the others and has statements of its own, so that nobody waits for it.
 *
 * A row for which a condition raises (a division by zero) does not match it; that is observed once for each condition. To
 * find such rows is bounded: a condition that raises for too many rows of a
 * batch, or takes too long again and again, ends with INVALID_FILTER instead of passing over rows that it was not asked for.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs, type Observe } from '../../../base/index.ts';
import type { Cell, Change, ChangedTable, Database } from '../../../engine/index.ts';
import { columnTypes, forgetColumnTypes } from '../column-types.ts';
import { type Chunk, Chunks, type Matches } from './chunks.ts';
import { filterParameters, filterStatement, matchingRows } from './filter-statement.ts';
import {
  broken,
  isAboutFilter,
  isAboutValues,
  isExhausted,
  raisesTooOften,
  type Search,
  spend,
  tooSlow,
} from './verdict-faults.ts';

interface Condition {
  users: number;
  timeouts: number;
  reported: boolean;
  /** It has raised, or was slow in company: it is evaluated by itself, of changes that stand together as it comes to them. */
  alone: Chunks | undefined;
  /** It may have been another's fault: it goes back when it is quick by itself. */
  onTrial: boolean;
  /** How often it has gone back. */
  reunions: number;
  /** Chunks in which it has failed: who uses it anew has it evaluated anew. */
  readonly failedIn: Set<Chunk>;
}

/** The row that a condition is about. */
const rowOf = (change: Change): readonly Cell[] => change.newRow ?? change.oldRow ?? [];

export class Verdicts {
  readonly #database: Database;
  readonly #observe: Observe;
  readonly #tableName: string;
  readonly #conditions = new Map<string, Condition>();
  readonly #chunks = new Chunks();

  constructor(database: Database, tableName: string, observe: Observe) {
    this.#database = database;
    this.#tableName = tableName;
    this.#observe = observe;
  }

  /** Changes that come from now on are evaluated with it, too. */
  add(condition: string): void {
    const known = this.#conditions.get(condition);
    if (known === undefined) {
      this.#conditions.set(condition, {
        ...{ users: 1, timeouts: 0, reported: false, failedIn: new Set() },
        ...{ alone: undefined, onTrial: false, reunions: 0 },
      });
    } else known.users++;
  }

  remove(condition: string): void {
    const known = this.#conditions.get(condition);
    if (known === undefined) return;
    known.users--;
    if (known.users > 0) return;
    this.#conditions.delete(condition);
    for (const chunk of known.failedIn) chunk.matches.delete(condition);
  }

  /**
   * For each of `changes`, which are of one table and no truncation: does it match? INVALID_FILTER in the place of the
   * answers when the condition does not fit the table any more.
   * @throws UNAVAILABLE and its kin when PostgreSQL cannot say now
   */
  async of(condition: string, changes: readonly Change[]): Promise<Matches> {
    const chunks = this.#conditions.get(condition)?.alone ?? this.#chunks;
    const stretches = chunks.stretchesOf(changes);
    const [only] = stretches;
    // Nearly always: those that came together were evaluated together.
    if (
      only !== undefined &&
      only.length === changes.length &&
      only.chunk.changes.length === changes.length
    ) {
      return await this.#matchesOf(condition, only.chunk);
    }
    const matching = new Uint8Array(changes.length);
    for (const { chunk, at, index, length } of stretches) {
      const matches = await this.#matchesOf(condition, chunk);
      if (matches instanceof FacetError) return matches;
      matching.set(matches.subarray(index, index + length), at);
    }
    return matching;
  }

  #matchesOf(condition: string, chunk: Chunk): Promise<Matches> {
    const known = chunk.matches.get(condition);
    if (known !== undefined) return known;
    // Whoever asks first asks for all that are evaluated together with it.
    const group = this.#groupOf(condition, chunk);
    for (const [member, mine] of this.#evaluate(group, chunk.changes)) {
      // A verdict that could not be had now is asked for again. Who waits for it hears of it.
      mine.then(
        (matches) => {
          if (matches instanceof FacetError) this.#noteFailure(member, chunk);
        },
        () => chunk.matches.delete(member),
      );
      chunk.matches.set(member, mine);
    }
    return chunk.matches.get(condition) ?? Promise.resolve(new Uint8Array(chunk.changes.length));
  }

  /** It, and as many others as one statement takes that want a verdict on the same changes. */
  #groupOf(condition: string, chunk: Chunk): readonly string[] {
    if (this.#conditions.get(condition)?.alone !== undefined) return [condition];
    const group = [condition];
    let characters = condition.length;
    for (const [other, { alone }] of this.#conditions) {
      if (other === condition || alone !== undefined || chunk.matches.has(other)) continue;
      characters += other.length + CHARACTERS_AROUND;
      if (characters > LIMITS.filterBatchCharactersMax) break;
      group.push(other);
    }
    return group;
  }

  #noteFailure(condition: string, chunk: Chunk): void {
    const known = this.#conditions.get(condition);
    if (known === undefined) chunk.matches.delete(condition);
    else known.failedIn.add(chunk);
  }

  /** Those that raise or take too long together are evaluated each by itself, and nobody waits for another one's turn. */
  #evaluate(conditions: readonly string[], changes: readonly Change[]): Map<string, Promise<Matches>> {
    const [only] = conditions;
    if (only !== undefined && conditions.length === 1) {
      return new Map([[only, this.#evaluateOne(only, changes)]]);
    }
    const together = this.#evaluateTogether(conditions, changes);
    const of = async (condition: string, at: number): Promise<Matches> =>
      (await together)?.[at] ?? (await this.#evaluateOne(condition, changes));
    return new Map(conditions.map((condition, at) => [condition, of(condition, at)]));
  }

  /** Undefined when it cannot be done together. Rejects when PostgreSQL cannot say now. */
  async #evaluateTogether(
    conditions: readonly string[],
    changes: readonly Change[],
  ): Promise<readonly Uint8Array[] | undefined> {
    const startedMs = monotonicMs();
    try {
      const found = await this.#run(conditions, changes);
      this.#noteTime(conditions, monotonicMs() - startedMs);
      return found;
    } catch (thrown) {
      const error = asFacetError(thrown);
      if (!isAboutFilter(error)) throw error;
      return undefined;
    }
  }

  /** Rejects when PostgreSQL cannot say now. `search`: these changes are a part of a chunk. */
  async #evaluateOne(condition: string, changes: readonly Change[], search?: Search): Promise<Matches> {
    const startedMs = monotonicMs();
    try {
      const [found] = await this.#run([condition], changes);
      if (search === undefined) this.#noteTime([condition], monotonicMs() - startedMs);
      else spend(search, startedMs);
      return found ?? new Uint8Array(changes.length);
    } catch (thrown) {
      const error = asFacetError(thrown);
      if (!isAboutFilter(error)) throw error;
      const looking = search ?? { statements: 0, ms: 0 };
      if (error.code !== 'QUERY_TIMEOUT') spend(looking, startedMs);
      return await this.#evaluateRaising(condition, changes, error, looking);
    }
  }

  /** They had an answer after `ms`. */
  #noteTime(conditions: readonly string[], ms: number): void {
    const slow = ms > LIMITS.filterSlowMs;
    for (const condition of conditions) {
      const known = this.#conditions.get(condition);
      if (known === undefined) continue;
      known.timeouts = 0;
      if (slow && conditions.length > 1) this.#separate(known, true);
      else if (!slow && known.onTrial) this.#reunite(known);
    }
  }

  #separate(condition: Condition, onTrial: boolean): void {
    condition.alone ??= new Chunks();
    condition.onTrial = onTrial && condition.reunions < LIMITS.filterReunionsMax;
  }

  #reunite(condition: Condition): void {
    condition.alone = undefined;
    condition.onTrial = false;
    condition.reunions++;
  }

  /** After `error`: finds the rows that it is about. */
  async #evaluateRaising(
    condition: string,
    changes: readonly Change[],
    error: FacetError,
    search: Search,
  ): Promise<Matches> {
    const known = this.#conditions.get(condition);
    // Nobody asks any more.
    if (known === undefined) return raisesTooOften(error);
    this.#separate(known, false);
    if (!isAboutValues(error)) return await this.#withFreshTypes(condition, changes, error, search);
    if (error.code === 'QUERY_TIMEOUT') {
      known.timeouts++;
      if (known.timeouts > LIMITS.filterTimeoutsMax) return tooSlow();
    }
    if (changes.length === 1) {
      this.#report(known, error);
      return new Uint8Array(1);
    }
    if (isExhausted(search)) return raisesTooOften(error);
    const middle = changes.length >> 1;
    const matching = new Uint8Array(changes.length);
    for (const [from, part] of [
      [0, changes.slice(0, middle)],
      [middle, changes.slice(middle)],
    ] as const) {
      const matches = await this.#evaluateOne(condition, part, search);
      if (matches instanceof FacetError) return matches;
      matching.set(matches, from);
    }
    return matching;
  }

  /** Names or types do not fit: a type may have been renamed since we looked. Otherwise the table has changed. */
  async #withFreshTypes(
    condition: string,
    changes: readonly Change[],
    first: FacetError,
    search: Search,
  ): Promise<Matches> {
    forgetColumnTypes(this.#database);
    try {
      const [matches] = await this.#run([condition], changes);
      return matches ?? new Uint8Array(changes.length);
    } catch (thrown) {
      const error = asFacetError(thrown);
      if (!isAboutFilter(error)) throw error;
      if (isAboutValues(error)) return await this.#evaluateRaising(condition, changes, error, search);
      return broken(first.message, first);
    }
  }

  async #run(conditions: readonly string[], changes: readonly Change[]): Promise<Uint8Array[]> {
    const table = changes[0]?.table;
    if (table === undefined) return [];
    const statement = filterStatement(table, await this.#typesOf(table), conditions);
    const parameters = filterParameters(statement, changes.map(rowOf));
    const { rows } = await this.#database.runUser(statement.sql, parameters, {
      readOnly: true,
      composed: true,
      builtInsOnly: true,
      timeoutMs: LIMITS.filterMsMax,
    });
    return conditions.map((_, at) => {
      const matches = new Uint8Array(changes.length);
      for (const row of matchingRows(rows[0]?.[at])) matches[row] = 1;
      return matches;
    });
  }

  #typesOf(table: ChangedTable): ReturnType<typeof columnTypes> {
    return columnTypes(
      this.#database,
      table.columns.map(({ typeOid }) => typeOid),
    );
  }

  #report(condition: Condition, error: FacetError): void {
    if (condition.reported) return;
    condition.reported = true;
    const message = `A filter on table '${this.#tableName}' could not be evaluated for a row, which counts as no match`;
    this.#observe({ type: 'warning', message, detail: error.message });
  }
}

/** What filter-statement.ts puts around each. */
const CHARACTERS_AROUND = 50;
