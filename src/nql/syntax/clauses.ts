/** Clauses behind the fixed part of a statement: each may be left out, they come in any order and none twice. */
import { alternatives, type Reader } from './reader.ts';

export interface Clause {
  /** Its keyword as messages name it; clauses of one name exclude each other. */
  readonly name: string;
  /** All spellings of how it begins, each a keyword or several; a symbol stands as itself. */
  readonly begins: readonly (readonly string[])[];
  /** Reads what follows the words, which are given to it in upper case. */
  readonly read: (words: readonly string[]) => void;
}

/** A clause that begins with its name. */
export const clause = (
  name: string,
  read: Clause['read'],
  ...others: readonly (readonly string[])[]
): Clause => ({
  name,
  begins: [name.split(' '), ...others],
  read,
});

/** Reads as many of the clauses as there are. What stands behind them is for the caller. */
export function readClauses(reader: Reader, clauses: readonly Clause[]): void {
  const seen = new Set<string>();
  for (;;) {
    const found = beginning(reader, clauses);
    if (found === undefined) break;
    const [{ name, read }, words] = found;
    if (seen.has(name)) throw reader.invalid(reader.token, `${name} is given twice`);
    seen.add(name);
    for (const _ of words) reader.advance();
    read(words);
  }
  reader.couldFollow(clauses.filter(({ name }) => !seen.has(name)).map(({ name }) => name));
}

function beginning(
  reader: Reader,
  clauses: readonly Clause[],
): readonly [clause: Clause, words: readonly string[]] | undefined {
  for (const candidate of clauses) {
    const words = candidate.begins.find((begin) =>
      begin.every((word, at) => reader.isWord(word, at) || reader.is(word, at)),
    );
    if (words !== undefined) return [candidate, words];
  }
  return undefined;
}

/** Takes one of several ways by the next keyword, which is read. */
export function choose<T>(reader: Reader, ways: Readonly<Record<string, () => T>>): T {
  const way = Object.hasOwn(ways, reader.token.upper) ? ways[reader.token.upper] : undefined;
  if (way === undefined) {
    const words = Object.keys(ways);
    throw reader.unexpected(alternatives(words), words);
  }
  reader.advance();
  return way();
}
