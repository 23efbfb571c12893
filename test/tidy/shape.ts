/** What a single file must look like: its length, its first comment, no open ends, no skipped tests. */
import type { Finding, SourceFile } from './repository.ts';
import { lineOf } from './scan.ts';

/** Lines above which a file is split, or explains itself in LONG_FILES. */
export const LINES_MAX = 400;

/** Files that are rightly long, with the reason. A waiver that is not needed any more is an error too. */
export const LONG_FILES: ReadonlyMap<string, string> = new Map([
  ['src/cypher/syntax/ast.ts', 'one grammar: expressions, patterns and clauses have each other as parts'],
  ['src/base/limits.ts', 'one table: every bound with its unit and its reason'],
  ['src/base/errors.ts', 'one table, from which the reference page is made'],
  ['src/models/index.ts', 'one front door: the names of all operations, and nothing else'],
  [
    'src/server/options.ts',
    'one table, from which flags, variables, file places, help and reference are made',
  ],
]);

export const countLines = (text: string): number => text.replace(/\n$/, '').split('\n').length;

export function checkSizes(files: readonly SourceFile[], waivers: ReadonlyMap<string, string>): Finding[] {
  const findings: Finding[] = [];
  for (const { path, text } of files) {
    const lines = countLines(text);
    if (lines > LINES_MAX && !waivers.has(path)) {
      findings.push({ path, line: LINES_MAX, message: `has ${lines} lines: split it` });
    }
    if (lines <= LINES_MAX && waivers.has(path)) {
      findings.push({ path, line: 1, message: `has ${lines} lines: its waiver is not needed any more` });
    }
  }
  const paths = new Set(files.map((file) => file.path));
  for (const path of waivers.keys()) {
    if (!paths.has(path)) findings.push({ path, line: 1, message: 'has a waiver but does not exist' });
  }
  return findings;
}

/** The first thing in a file is a comment of some words that says what the file is. */
export function checkHeaders(files: readonly SourceFile[]): Finding[] {
  return files.flatMap(({ path, text, comments }) => {
    const first = comments.find((comment) => !comment.text.startsWith('#!'));
    const opens =
      first !== undefined &&
      text
        .slice(0, first.start)
        .replace(/^#!.*\n/, '')
        .trim() === '';
    const words = first?.text.match(/[A-Za-z]{2,}/g)?.length ?? 0;
    return opens && words >= 4
      ? []
      : [{ path, line: 1, message: 'must open with a comment that says what it is' }];
  });
}

const OPEN_END = /\b(?:TODO|FIXME|HACK)\b/g;

/** Marks of unfinished work. For a file without syntax of comments (`.md`, `.sql`), give the whole text as one. */
export function checkOpenEnds(files: readonly Pick<SourceFile, 'path' | 'comments'>[]): Finding[] {
  return files.flatMap(({ path, comments }) =>
    comments.flatMap((comment) =>
      [...comment.text.matchAll(OPEN_END)].map((match) => ({
        path,
        line: comment.line + lineOf(comment.text, match.index) - 1,
        message: `${match[0]}: do it, or say in plain words what is not there`,
      })),
    ),
  );
}

const FOCUS = /\b(?:it|test|describe|suite|bench)\s*(?:\.\s*\w+\s*)*\.\s*only\b|\b(?:fit|fdescribe)\s*\(/g;
const SKIP =
  /\b(?:it|test|describe|suite|bench)\s*(?:\.\s*\w+\s*)*\.\s*(?:skip|todo|fails)\b|\b(?:xit|xtest|xdescribe)\s*\(/g;
const CONDITION = /\.\s*(?:skipIf|runIf)\s*\(/g;

/** No focused test, no test that is switched off; one that depends on the machine says why in a comment above it. */
export function checkSkips(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => {
    const found = (pattern: RegExp, message: string): Finding[] =>
      [...file.code.matchAll(pattern)].map((match) => ({
        path: file.path,
        line: lineOf(file.text, match.index),
        message,
      }));
    const lines = file.text.split('\n');
    const explained = (line: number): boolean => /^\s*(?:\/\/|\*|\/\*)/.test(lines[line - 2] ?? '');
    return [
      ...found(FOCUS, 'a focused test hides all others'),
      ...found(SKIP, 'a test that does not run proves nothing: fix it or delete it'),
      ...found(CONDITION, 'a conditional test says why in a comment above it').filter(
        ({ line }) => !explained(line),
      ),
    ];
  });
}
