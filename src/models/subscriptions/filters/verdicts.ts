/**
 * The verdicts of PostgreSQL on the changes of one table, for all who filter it. Each change is evaluated once, with all
 * conditions that are in use, in a statement for many changes; who asks later for the same change, from a cursor of its
 * own, gets the verdict that is there. So a hundred subscribers with filters cost one statement.
 *
 * A row for which a condition raises (a division by zero) does not match it; that is observed once for each condition. To
 * find such rows is bounded, since all who follow the table wait for it: a condition that raises for too many rows of a
 * batch, or takes too long again and again, ends with INVALID_FILTER instead of passing over rows that it was not asked for.
 */
import { asFacetError, FacetError, LIMITS, monotonicMs, type Observe } from '../../../base/index.ts';
import type { Cell, Change, ChangedTable, Database } from '../../../engine/index.ts';
import { columnTypes, forgetColumnTypes } from '../column-types.ts';
import { type Chunk, Chunks, type Matches, type Stretch } from './chunks.ts';
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
  /** It has raised in company of others: it is evaluated by itself from then on. */
  alone: boolean;
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
      const fresh = { users: 1, timeouts: 0, reported: false, alone: false, failedIn: new Set<Chunk>() };
      this.#conditions.set(condition, fresh);
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
   * For each condition and each of `changes`, which are of one table and no truncation: does it match? INVALID_FILTER in
   * the place of the answers when the condition does not fit the table any more.
   * @throws UNAVAILABLE and its kin when PostgreSQL cannot say now
   */
  async of(conditions: Iterable<string>, changes: readonly Change[]): Promise<Map<string, Matches>> {
    const stretches = this.#chunks.stretchesOf(changes);
    const found = new Map<string, Matches>();
    for (const condition of conditions)
      found.set(condition, await this.#matching(condition, changes, stretches));
    return found;
  }

  async #matching(
    condition: string,
    changes: readonly Change[],
    stretches: readonly Stretch[],
  ): Promise<Matches> {
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
    // Whoever asks first asks for all.
    const wanted = [...this.#conditions.keys()].filter((other) => !chunk.matches.has(other));
    if (!wanted.includes(condition)) wanted.push(condition);
    for (const group of this.#groups(wanted)) {
      const evaluated = this.#evaluate(group, chunk.changes);
      for (const [index, member] of group.entries()) {
        const mine = evaluated.then((all) => all[index] ?? new Uint8Array(chunk.changes.length));
        // A verdict that could not be had now is asked for again. Who waits for it hears of it.
        mine.then(
          (matches) => {
            if (matches instanceof FacetError) this.#noteFailure(member, chunk);
          },
          () => chunk.matches.delete(member),
        );
        chunk.matches.set(member, mine);
      }
    }
    return chunk.matches.get(condition) ?? Promise.resolve(new Uint8Array(chunk.changes.length));
  }

  *#groups(conditions: readonly string[]): Generator<readonly string[]> {
    let group: string[] = [];
    let characters = 0;
    for (const condition of conditions) {
      if (this.#conditions.get(condition)?.alone === true) {
        yield [condition];
        continue;
      }
      if (group.length > 0 && characters + condition.length > LIMITS.filterBatchCharactersMax) {
        yield group;
        group = [];
        characters = 0;
      }
      group.push(condition);
      characters += condition.length + CHARACTERS_AROUND;
    }
    if (group.length > 0) yield group;
  }

  #noteFailure(condition: string, chunk: Chunk): void {
    const known = this.#conditions.get(condition);
    if (known === undefined) chunk.matches.delete(condition);
    else known.failedIn.add(chunk);
  }

  /** Rejects when PostgreSQL cannot say now. `search`: these changes are a part of a chunk. */
  async #evaluate(
    conditions: readonly string[],
    changes: readonly Change[],
    search?: Search,
  ): Promise<Matches[]> {
    const startedMs = monotonicMs();
    try {
      const found = await this.#run(conditions, changes);
      if (search === undefined) this.#wereQuick(conditions);
      else spend(search, startedMs);
      return found;
    } catch (thrown) {
      const error = asFacetError(thrown);
      if (!isAboutFilter(error)) throw error;
      if (conditions.length === 1) {
        const looking = search ?? { statements: 0, ms: 0 };
        if (error.code !== 'QUERY_TIMEOUT') spend(looking, startedMs);
        return [await this.#evaluateAlone(conditions[0] ?? '', changes, error, looking)];
      }
    }
    const found: Matches[] = [];
    for (const condition of conditions) {
      const [matches] = await this.#evaluate([condition], changes);
      found.push(matches ?? new Uint8Array(changes.length));
    }
    return found;
  }

  #wereQuick(conditions: readonly string[]): void {
    for (const condition of conditions) {
      const known = this.#conditions.get(condition);
      if (known !== undefined) known.timeouts = 0;
    }
  }

  /** After `error`: finds the rows that it is about. */
  async #evaluateAlone(
    condition: string,
    changes: readonly Change[],
    error: FacetError,
    search: Search,
  ): Promise<Matches> {
    const known = this.#conditions.get(condition);
    if (known !== undefined) known.alone = true;
    if (!isAboutValues(error)) return await this.#withFreshTypes(condition, changes, error, search);
    if (error.code === 'QUERY_TIMEOUT' && known !== undefined) {
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
      const [matches] = await this.#evaluate([condition], part, search);
      if (matches instanceof FacetError) return matches;
      if (matches !== undefined) matching.set(matches, from);
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
      if (isAboutValues(error)) return await this.#evaluateAlone(condition, changes, error, search);
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

  #report(condition: Condition | undefined, error: FacetError): void {
    if (condition === undefined || condition.reported) return;
    condition.reported = true;
    const message = `A filter on table '${this.#tableName}' could not be evaluated for a row, which counts as no match`;
    this.#observe({ type: 'warning', message, detail: error.message });
  }
}

/** What filter-statement.ts puts around each. */
const CHARACTERS_AROUND = 50;
