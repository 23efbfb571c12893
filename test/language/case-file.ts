/**
 * Files of language cases: what a query answers, as text. A file is a title (`# Lists`), then cases:
 *
 *     === name of the case
 *     --- given
 *     CREATE (:A {x: 1});
 *     --- parameters
 *     {x: 1}
 *     --- query
 *     MATCH (n:A) WHERE n.x = $x RETURN n
 *     --- rows
 *     n
 *     (:A {x: 1})
 *
 * Only the query is needed, and may stand right below the name. Statements of `given` are divided by a `;` at the end of
 * a line. What follows the query is the expectation: `rows` (in any order) or `rows in order`, `counters`, `graph` or
 * `error`, as answer.ts writes them. `rewrite.ts` puts in what the engine says today; read the difference.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface LanguageCase {
  readonly name: string;
  /** 1-based, of the name. */
  readonly line: number;
  readonly given: readonly string[];
  /** A map in Cypher. */
  readonly parameters: string | undefined;
  readonly query: string;
  /** The text of the file up to the expectation. */
  readonly source: string;
  readonly expectation: string;
  readonly rowsInOrder: boolean;
}

export interface CaseFile {
  /** File name without extension. */
  readonly name: string;
  readonly path: string;
  readonly title: string;
  readonly prelude: string;
  readonly cases: readonly LanguageCase[];
}

const CASE = '=== ';
const SECTION = '--- ';
const INPUTS = new Set(['given', 'parameters', 'query']);

export function readCaseFiles(folder: URL): CaseFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.cases'))
    .sort()
    .map((path) => {
      const url = new URL(path, folder);
      return readCases(url.pathname, readFileSync(url, 'utf8'));
    });
}

export function readCases(path: string, text: string): CaseFile {
  const lines = text.replace(/\n$/, '').split('\n');
  const starts = lines.flatMap((line, index) => (line.startsWith(CASE) ? [index] : []));
  const prelude = lines.slice(0, starts[0] ?? lines.length);
  const title = prelude.find((line) => line.startsWith('# '))?.slice(2) ?? path;
  const cases = starts.map((start, index) => readCase(lines, start, starts[index + 1] ?? lines.length));
  const names = new Set<string>();
  for (const { name, line } of cases) {
    if (names.has(name)) throw new Error(`${path}:${line} the name '${name}' is taken`);
    names.add(name);
  }
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.cases$/, '');
  return { name, path, title, prelude: prelude.join('\n').trimEnd(), cases };
}

export const writeCases = ({ prelude, cases }: CaseFile): string =>
  `${[prelude, ...cases.map(({ source, expectation }) => `${source}\n${expectation}`.trimEnd())].join('\n\n')}\n`;

function readCase(lines: readonly string[], start: number, end: number): LanguageCase {
  const body = lines.slice(start + 1, end);
  const sections = new Map<string, string[]>([['query', []]]);
  let current = 'query';
  let expectedFrom = body.length;
  for (const [index, line] of body.entries()) {
    if (line.startsWith(SECTION)) {
      current = line.slice(SECTION.length).trim();
      if (!INPUTS.has(current) && index < expectedFrom) expectedFrom = index;
      sections.set(current, []);
    } else sections.get(current)?.push(line);
  }
  const text = (name: string): string => (sections.get(name) ?? []).join('\n').trim();
  const query = text('query');
  const hasParameters = sections.has('parameters');
  return {
    name: (lines[start] ?? '').slice(CASE.length).trim(),
    line: start + 1,
    given: text('given')
      .split(/;[ \t]*(?:\n|$)/)
      .filter((statement) => statement.trim() !== ''),
    parameters: hasParameters ? text('parameters') : undefined,
    query,
    source: [lines[start], ...body.slice(0, expectedFrom)].join('\n').trimEnd(),
    expectation: body.slice(expectedFrom).join('\n').trim(),
    rowsInOrder: sections.has('rows in order') || (!sections.has('rows') && /\bORDER\s+BY\b/i.test(query)),
  };
}
