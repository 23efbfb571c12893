/** What the Tab key offers: commands of the shell, words of the language, and names that the server has. */
import { LIMITS } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { COMMANDS } from './commands.ts';
import type { Mode } from './modes.ts';
import { CYPHER_WORDS, NEUMANN_WORDS, SQL_WORDS } from './words.ts';

/** Names are asked for again when they are so old. */
const NAMES_MS_MAX = 30_000;
/** Whoever presses Tab does not wait longer. */
const ANSWER_MS_MAX = 1_000;

const TABLES = `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1 LIMIT ${LIMITS.shellNamesMax}`;
const COLUMNS = `SELECT DISTINCT column_name FROM information_schema.columns
  WHERE table_schema = 'public' ORDER BY 1 LIMIT ${LIMITS.shellNamesMax}`;
const GRAPH = ['CALL db.labels()', 'CALL db.relationshipTypes()', 'CALL db.propertyKeys()'];

export type Completion = [hits: string[], word: string];

/** The part of a line before the cursor that a name or a word can be. */
const WORD = /[\p{L}\p{N}_\\]*$/u;

export class Completer {
  readonly #client: ServerClient;
  readonly #now: () => number;
  #names:
    | { readonly mode: Mode; readonly atMs: number; readonly asked: Promise<readonly string[]> }
    | undefined;

  /** @param now milliseconds that only grow */
  constructor(client: ServerClient, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** Never rejects: without a server there are no names. @param line what stands before the cursor */
  async complete(mode: Mode, line: string): Promise<Completion> {
    const word = WORD.exec(line)?.[0] ?? '';
    if (word.startsWith('\\')) return line === word ? [beginningWith(COMMANDS, word), word] : [[], word];
    const [words, names] = await Promise.all([wordsOf(mode, line), this.#namesOf(mode)]);
    const isLower = word !== '' && word === word.toLowerCase();
    const cased = isLower ? words.map((each) => each.toLowerCase()) : words;
    const hits = [...beginningWith(names, word), ...(word === '' ? [] : beginningWith(cased, word))];
    return [[...new Set(hits)], word];
  }

  /** Those of the server as they were a short while ago. */
  async #namesOf(mode: Mode): Promise<readonly string[]> {
    const now = this.#now();
    if (this.#names === undefined || this.#names.mode !== mode || now - this.#names.atMs > NAMES_MS_MAX) {
      this.#names = { mode, atMs: now, asked: this.#ask(mode) };
    }
    return await this.#names.asked;
  }

  async #ask(mode: Mode): Promise<readonly string[]> {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const sql = (mode === 'cypher' ? [] : [TABLES, ...(mode === 'sql' ? [COLUMNS] : [])]).map(
      async (text) => (await this.#client.query(text, { signal })).rows,
    );
    const graph = (mode === 'sql' ? [] : GRAPH).map(
      async (text) => (await this.#client.cypher(text, { signal })).rows,
    );
    const answers = await Promise.allSettled([...sql, ...graph]);
    return answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? answer.value.map(([name]) => String(name ?? '')) : [],
    );
  }
}

const beginningWith = (words: readonly string[], start: string): string[] =>
  words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase()));

async function wordsOf(mode: Mode, line: string): Promise<readonly string[]> {
  if (mode === 'sql') return SQL_WORDS;
  if (mode === 'cypher') return CYPHER_WORDS;
  const { STATEMENT_WORDS } = await import('../../nql/index.ts');
  return line.trimStart().includes(' ') ? [...NEUMANN_WORDS, ...SQL_WORDS] : STATEMENT_WORDS;
}
