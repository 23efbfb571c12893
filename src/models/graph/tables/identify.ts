/**
 * Numbers of labels and of types, for protocols that have a number where Cypher has a name. A name gets its number when
 * it is first asked for and keeps it for good; numbers of labels and types are of one series, from 1.
 */
import { asFacetError, LIMITS } from '../../../base/index.ts';
import { arrayLiteral, type Database, type ModelState, type RunOptions } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import type { IdentifyInput, IdentifyResult } from './define-schemas.ts';
import { GIVE_NUMBERS, READ_NUMBERS } from './identify-statements.ts';

type Kind = 'label' | 'type';

/** What this process has learned of one database. Numbers never change, so nothing gets old. */
class KnownNumbers implements ModelState {
  readonly #numbers = { label: new Map<string, number>(), type: new Map<string, number>() };

  get(kind: Kind, name: string): number | undefined {
    return name === '' ? 0 : this.#numbers[kind].get(name);
  }

  learn(kind: Kind, name: string, number: number): void {
    const known = this.#numbers[kind];
    // Names are few; who makes millions of them pays by asking again.
    if (known.size >= LIMITS.graphNamesKnownMax) known.clear();
    known.set(name, number);
  }

  stop(): void {
    this.#numbers.label.clear();
    this.#numbers.type.clear();
  }
}

/** Each time at least one of those who give numbers at once is done. */
const ATTEMPTS_MAX = 100;

const STATE = Symbol('graph.known_numbers');

const knownNumbers = (database: Database): KnownNumbers => database.state(STATE, () => new KnownNumbers());

export async function identify(
  { database, signal }: OperationContext,
  { labels, types }: IdentifyInput,
): Promise<IdentifyResult> {
  return {
    labels: await numbersOf(database, 'label', labels, { signal }),
    types: await numbersOf(database, 'type', types, { signal }),
  };
}

/** Outside of any transaction: a number is given for good, whatever becomes of who asked. */
export async function numbersOf(
  database: Database,
  kind: Kind,
  names: readonly string[],
  options: RunOptions,
): Promise<number[]> {
  const known = knownNumbers(database);
  const missing = new Set(names.filter((name) => known.get(kind, name) === undefined));
  if (missing.size === 0) return names.map((name) => known.get(kind, name) ?? 0);
  const found = new Map<string, number>();
  const look = async (): Promise<void> => {
    const { rows } = await database.run(READ_NUMBERS, [kind, arrayLiteral([...missing])], options);
    for (const [name, number] of rows) {
      found.set(name ?? '', Number(number));
      known.learn(kind, name ?? '', Number(number));
      missing.delete(name ?? '');
    }
  };
  await look();
  for (let attempt = 0; missing.size > 0 && attempt < ATTEMPTS_MAX; attempt++) {
    if (!(await give(database, kind, [...missing].sort(), options))) break;
    await look();
  }
  return names.map((name) => found.get(name) ?? known.get(kind, name) ?? numberByName(kind, name));
}

/** False on a server that may only read. */
async function give(
  database: Database,
  kind: Kind,
  names: readonly string[],
  options: RunOptions,
): Promise<boolean> {
  try {
    await database.run(GIVE_NUMBERS, [kind, arrayLiteral(names)], options);
    return true;
  } catch (thrown) {
    if (asFacetError(thrown).code !== 'READ_ONLY_TRANSACTION') throw thrown;
    return false;
  }
}

/** Above all numbers that are given, and below 2^53. */
const BY_NAME_BASE = 2 ** 48;

/** A standby can give no number to a name that its primary never gave one: there it is made of the name, by FNV-1a. */
function numberByName(kind: Kind, name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${kind} ${name}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return BY_NAME_BASE + hash;
}
