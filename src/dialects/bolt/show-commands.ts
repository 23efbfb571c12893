/**
 * SHOW DATABASES, SHOW PROCEDURES and SHOW FUNCTIONS, which tools of Neo4j ask when they start. Each becomes a query of
 * Cypher over what there is to show, so that YIELD, WHERE and the like mean what they mean there. Other commands of SHOW
 * are for the graph to answer, or to refuse.
 */
import { lex, type MapValue, type Token, type Value } from '../../cypher/index.ts';

/** A query that gives what was asked for. */
export interface Shown {
  readonly query: string;
  readonly parameters: MapValue;
}

/** Which databases; `named` may be a name in any case of letters. */
export type Wanted = 'all' | 'default' | 'home' | { readonly named: string };

export type DatabaseRow = MapValue;

interface Command {
  /** Absent: no rows of ours are needed. */
  readonly databases?: Wanted;
  /** Ends with a WITH that has all columns. */
  readonly source: string;
  readonly columns: readonly string[];
  /** Without YIELD. */
  readonly usual: readonly string[];
}

const ROWS = '__facet_databases';

export const DATABASE_COLUMNS = [
  'name',
  'type',
  'aliases',
  'access',
  'address',
  'role',
  'writer',
  'requestedStatus',
  'currentStatus',
  'statusMessage',
  'default',
  'home',
  'constituents',
] as const;

/** Quoted, since `default` and others may be words of the language; by an alias, since the quotes would be in the name. */
const names = (columns: readonly string[]): string =>
  columns.map((name) => `\`${name}\` AS \`${name}\``).join(', ');

const DATABASES = `UNWIND $${ROWS} AS shown WITH ${DATABASE_COLUMNS.map((name) => `shown.\`${name}\` AS \`${name}\``).join(', ')}`;

const PROCEDURES: Command = {
  source:
    'CALL dbms.procedures() YIELD name, signature, description, mode WITH name, description, mode, false AS worksOnSystem, signature',
  columns: ['name', 'description', 'mode', 'worksOnSystem', 'signature'],
  usual: ['name', 'description', 'mode', 'worksOnSystem'],
};

/** There are no sentences about functions: their signatures say the most. */
const FUNCTIONS: Command = {
  source:
    "CALL dbms.functions() YIELD name, signature, aggregating WITH name, CASE WHEN aggregating THEN 'Aggregating' ELSE '' END AS category, signature AS description, signature, true AS isBuiltIn, aggregating",
  columns: ['name', 'category', 'description', 'signature', 'isBuiltIn', 'aggregating'],
  usual: ['name', 'category', 'description'],
};

/** Behind blanks and comments. */
const BEGINNING = /^(?:\s|\/\/[^\n]*\n)*SHOW\s/i;

/**
 * Undefined for what is no such command.
 * @param rows asked for commands about databases only
 */
export function shownBy(
  text: string,
  parameters: MapValue,
  rows: (wanted: Wanted) => Promise<readonly DatabaseRow[]>,
): Promise<Shown> | Shown | undefined {
  if (!BEGINNING.test(text)) return undefined;
  const reader = new Reader(text, parameters);
  const command = reader.command();
  const query = command && reader.rest(command);
  if (command === undefined || query === undefined) return undefined;
  if (command.databases === undefined) return { query, parameters };
  return rows(command.databases).then((found) => ({
    query,
    parameters: new Map<string, Value>([...parameters, [ROWS, found]]),
  }));
}

class Reader {
  readonly #text: string;
  readonly #parameters: MapValue;
  readonly #tokens: readonly Token[];
  #at = 1;

  constructor(text: string, parameters: MapValue) {
    this.#text = text;
    this.#parameters = parameters;
    this.#tokens = lex(text);
  }

  command(): Command | undefined {
    const first = this.#word();
    if (first === 'DATABASE' || first === 'DATABASES') return databases(this.#name());
    if (first === 'DEFAULT' || first === 'HOME') {
      if (this.#word() !== 'DATABASE') return undefined;
      return databases(first === 'HOME' ? 'home' : 'default');
    }
    let what = first;
    if (first === 'BUILT' && this.#word() === 'IN') what = this.#word();
    else if (first === 'ALL') what = this.#word();
    const isFunctions = what === 'FUNCTION' || what === 'FUNCTIONS';
    const isProcedures = first === what && (what === 'PROCEDURE' || what === 'PROCEDURES');
    if (!isFunctions && !isProcedures) return undefined;
    if (this.#accept('EXECUTABLE') && this.#accept('BY')) {
      if (!this.#accept('CURRENT') || !this.#accept('USER')) return undefined;
    }
    return isFunctions ? FUNCTIONS : PROCEDURES;
  }

  /** The query; undefined for what is neither YIELD nor WHERE, nor the end. */
  rest({ source, columns, usual }: Command): string | undefined {
    const end = this.#tokens.findLast(({ kind, symbol }) => kind !== 'end' && symbol !== ';')?.end ?? 0;
    const { start } = this.#token;
    if (start >= end) return `${source} RETURN ${names(usual)}`;
    const clauses = this.#text.slice(start, end);
    if (this.#token.keyword === 'WHERE') {
      return `${source} WITH ${names(columns)} ${clauses} RETURN ${names(usual)}`;
    }
    if (this.#token.keyword !== 'YIELD') return undefined;
    const yields = `${source} WITH${clauses.slice('YIELD'.length)}`;
    const yielded = this.#yielded();
    if (yielded === undefined) return yields;
    return `${yields} RETURN ${yielded.length === 0 ? names(columns) : yielded.join(', ')}`;
  }

  /** What YIELD names, none for `*`; undefined where a RETURN says what is wanted. */
  #yielded(): readonly string[] | undefined {
    const found: string[] = [];
    let isList = true;
    let last = '';
    for (let at = this.#at + 1; at < this.#tokens.length; at++) {
      const { keyword, symbol, start, end } = this.#tokens[at] ?? this.#token;
      if (keyword === 'RETURN') return undefined;
      const isBehind = AFTER_YIELD.has(keyword) || symbol === ';' || end === start;
      if (isList && (isBehind || symbol === ',')) {
        if (last !== '' && last !== '*') found.push(`${last} AS ${last}`);
        last = '';
        isList = !isBehind;
      } else if (isList) {
        last = this.#text.slice(start, end);
      }
    }
    return found;
  }

  get #token(): Token {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
    return token ?? NOTHING;
  }

  /** The next bare word in capitals. */
  #word(): string {
    const { kind, text } = this.#token;
    if (kind !== 'name') return '';
    this.#at += 1;
    return text.toUpperCase();
  }

  #accept(word: string): boolean {
    const { kind, text } = this.#token;
    if (kind !== 'name' || text.toUpperCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  /** Of a database: bare, in quotes, by a parameter, with points in it. */
  #name(): Wanted {
    const { kind, text, keyword } = this.#token;
    if (kind === 'parameter') {
      this.#at += 1;
      return { named: String(this.#parameters.get(text) ?? '') };
    }
    if (kind === 'string' || kind === 'quoted-name') {
      this.#at += 1;
      return { named: text };
    }
    if (kind !== 'name' || keyword === 'YIELD' || keyword === 'WHERE') return 'all';
    const { start } = this.#token;
    let { end } = this.#token;
    do {
      end = this.#token.end;
      this.#at += 1;
    } while (this.#token.start === end && end < this.#text.length && this.#token.symbol !== ';');
    return { named: this.#text.slice(start, end) };
  }
}

const AFTER_YIELD: ReadonlySet<string> = new Set(['ORDER', 'SKIP', 'OFFSET', 'LIMIT', 'WHERE', 'RETURN']);

const NOTHING: Token = {
  kind: 'end',
  start: 0,
  end: 0,
  text: '',
  symbol: '',
  keyword: '',
  number: 0,
  fault: undefined,
  match: -1,
};

const databases = (wanted: Wanted): Command => {
  const usual = wanted === 'all' || typeof wanted === 'object' ? DATABASE_COLUMNS : SINGLE_COLUMNS;
  return { databases: wanted, source: DATABASES, columns: DATABASE_COLUMNS, usual };
};

/** Of the one that is meant by itself, `default` and `home` are not told. */
const SINGLE_COLUMNS = DATABASE_COLUMNS.filter((name) => name !== 'default' && name !== 'home');
