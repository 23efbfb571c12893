/** COPY … FROM: what is copied, from where, and how a file is read. */
import { FacetError, LIMITS } from '../../../base/index.ts';
import type { CopyFrom, CopySource, CsvOptions } from './table-command.ts';
import type { TokenReader } from './token-reader.ts';

/** Behind COPY. @throws FEATURE_NOT_SUPPORTED for COPY … TO, and files and options that are none of CSV */
export function parseCopy(reader: TokenReader): CopyFrom {
  if (reader.isSymbol('(')) {
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      'COPY … TO is not offered here: the server writes no files',
      {
        hint: 'Run the query and write its rows where they are wanted, or make a snapshot.',
      },
    );
  }
  const name = reader.name('the name of a table');
  const columns = reader.isSymbol('(') ? names(reader) : undefined;
  if (reader.isWord('TO')) {
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      'COPY … TO is not offered here: the server writes no files',
    );
  }
  reader.expectWords('FROM');
  const source = sourceOf(reader);
  if (reader.isWord('BY'))
    throw new FacetError('FEATURE_NOT_SUPPORTED', 'COPY … BY COLUMN is not offered here');
  const options = reader.isSymbol('(') ? optionsOf(reader) : new Map<string, OptionValue>();
  return {
    kind: 'copy-from',
    name,
    columns,
    source,
    csv: csvOf(reader, options),
    between: betweenOf(reader, options),
  };
}

function names(reader: TokenReader): readonly string[] {
  const found: string[] = [];
  reader.expect('(');
  do found.push(reader.name('the name of a column'));
  while (reader.accept(','));
  reader.expect(')');
  if (new Set(found).size < found.length) throw reader.invalid('A column is named twice');
  return found;
}

function sourceOf(reader: TokenReader): CopySource {
  const { kind, start, end, text, match } = reader.token;
  if (kind === 'parameter') {
    reader.advance();
    return { kind: 'parameter', name: text };
  }
  if (kind === 'string') return { kind: 'files', names: [fileName(reader)] };
  if (reader.accept('[')) {
    const found: string[] = [];
    do found.push(fileName(reader));
    while (reader.accept(','));
    reader.expect(']');
    if (found.length > LIMITS.graphCopyFilesMax) {
      throw reader.invalid(`COPY reads at most ${LIMITS.graphCopyFilesMax} files (graphCopyFilesMax)`);
    }
    return { kind: 'files', names: found };
  }
  if (!reader.isSymbol('(')) throw reader.unexpected('a file, a parameter or a query in parentheses');
  if (match < 0) throw reader.invalid('The parenthesis is not closed');
  if (reader.isWord('LOAD', 1)) {
    throw new FacetError('FEATURE_NOT_SUPPORTED', 'LOAD FROM is not offered here', {
      hint: 'COPY … FROM the file itself.',
    });
  }
  reader.skipOne();
  const closed = reader.text.lastIndexOf(')', reader.token.start - 1);
  return { kind: 'query', text: reader.slice(Math.max(end, start + 1), closed) };
}

/** File formats of such tables that are none of CSV, by the end of a name. */
const OTHER_FORMATS = /\.(parquet|npy|json|jsonl|ndjson|xlsx|ttl|nq|nt|orc|arrow|feather)$/i;

function fileName(reader: TokenReader): string {
  const name = reader.string('the name of a file');
  const [, format] = OTHER_FORMATS.exec(name) ?? [];
  if (format !== undefined) {
    throw new FacetError(
      'FEATURE_NOT_SUPPORTED',
      `COPY from ${format.toLowerCase()} files is not offered here`,
      {
        hint: 'Make it a CSV file, or send its rows as a parameter: COPY T FROM $rows.',
      },
    );
  }
  if (/[*?[\]{}]/.test(name)) {
    throw new FacetError('FEATURE_NOT_SUPPORTED', `Patterns of file names are not offered here: ${name}`, {
      hint: "Name each file: COPY T FROM ['a.csv', 'b.csv'].",
    });
  }
  return name;
}

type OptionValue = string | boolean | bigint | readonly string[];

/** `(HEADER = true, DELIM = '|')`; the old form without a sign and a bare name for true are read too. */
function optionsOf(reader: TokenReader): ReadonlyMap<string, OptionValue> {
  const found = new Map<string, OptionValue>();
  reader.expect('(');
  while (!reader.accept(')')) {
    if (found.size > 0) reader.expect(',');
    const name = reader.name('the name of an option').toUpperCase();
    const isBare = reader.isSymbol(',') || reader.isSymbol(')');
    if (!isBare) reader.accept('=');
    found.set(name, isBare ? true : optionValue(reader));
  }
  return found;
}

function optionValue(reader: TokenReader): OptionValue {
  const { kind, text, number } = reader.token;
  if (kind === 'string') return reader.advance().text;
  if (kind === 'integer') {
    reader.advance();
    return BigInt(number);
  }
  if (reader.isWord('TRUE') || reader.isWord('FALSE')) {
    reader.advance();
    return text.toUpperCase() === 'TRUE';
  }
  if (!reader.accept('[')) throw reader.unexpected('a value');
  const items: string[] = [];
  while (!reader.accept(']')) {
    if (items.length > 0) reader.expect(',');
    items.push(reader.string('a string'));
  }
  return items;
}

/** They say how fast, or what is found out by itself. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['PARALLEL', 'AUTO_DETECT', 'SAMPLE_SIZE']);
const REFUSED_OPTIONS: ReadonlySet<string> = new Set(['IGNORE_ERRORS', 'LIST_UNBRACED', 'FILE_FORMAT']);

function csvOf(reader: TokenReader, options: ReadonlyMap<string, OptionValue>): CsvOptions {
  const known = new Set([
    'HEADER',
    'DELIM',
    'DELIMITER',
    'QUOTE',
    'ESCAPE',
    'SKIP',
    'NULL_STRINGS',
    'FROM',
    'TO',
  ]);
  for (const [name, value] of options) {
    if (known.has(name) || WITHOUT_EFFECT.has(name)) continue;
    if (REFUSED_OPTIONS.has(name) && value !== false) {
      throw new FacetError('FEATURE_NOT_SUPPORTED', `The option ${name} of COPY is not offered here`);
    }
    if (!REFUSED_OPTIONS.has(name)) throw reader.invalid(`Unrecognized csv parsing option: ${name}`);
  }
  const header = options.get('HEADER');
  if (header !== undefined && typeof header !== 'boolean') throw reader.invalid('HEADER is true or false');
  const skip = options.get('SKIP') ?? 0n;
  if (typeof skip !== 'bigint' || skip < 0n) throw reader.invalid('SKIP is a number of lines');
  const nullTexts = options.get('NULL_STRINGS') ?? [''];
  if (!Array.isArray(nullTexts)) throw reader.invalid('NULL_STRINGS is a list of strings');
  return {
    header,
    delimiter:
      oneCharacter(reader, options, 'DELIM', options.has('DELIMITER') ? 'DELIMITER' : 'DELIM') ?? ',',
    quote: oneCharacter(reader, options, 'QUOTE', 'QUOTE') ?? '"',
    escape: oneCharacter(reader, options, 'ESCAPE', 'ESCAPE'),
    skip: Number(skip),
    nullTexts,
  };
}

function oneCharacter(
  reader: TokenReader,
  options: ReadonlyMap<string, OptionValue>,
  what: string,
  name: string,
): string | undefined {
  const value = options.get(name);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length === 1 && value !== '\n' && value !== '\r') return value;
  throw reader.invalid(`Copy csv option value for ${what} must be a single character`);
}

function betweenOf(reader: TokenReader, options: ReadonlyMap<string, OptionValue>): CopyFrom['between'] {
  const [from, to] = [options.get('FROM'), options.get('TO')];
  if (from === undefined && to === undefined) return undefined;
  if (typeof from === 'string' && typeof to === 'string') return { from, to };
  throw reader.invalid("FROM and TO are names of node tables: (FROM = 'A', TO = 'B')");
}
