/** What is written down twice is equal: reference pages and tables, dialects and error kinds, manifest and changelog. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sectionsOf } from '../../scripts/reference/limits-page.ts';
import { referencePages } from '../../scripts/reference/pages.ts';
import { ERROR_CODES, ERROR_KINDS } from '../../src/base/index.ts';
import { OPERATIONS } from '../../src/models/index.ts';
import { allPaths, productFiles, ROOT, read } from './repository.ts';

describe('reference pages', () => {
  it.each([...referencePages()])('%s is equal to its table', (path, wanted) => {
    expect(existsSync(join(ROOT, path)), 'run `npm run gen`').toBe(true);
    expect(read(path), 'run `npm run gen`').toBe(wanted);
  });

  it('describe every operation, every code and every limit', () => {
    const operations = read('docs/reference/operations.md');
    expect(
      OPERATIONS.map(({ name }) => name).filter((name) => !operations.includes(`\n### ${name}\n`)),
    ).toEqual([]);
    const errors = read('docs/reference/errors.md');
    expect(Object.keys(ERROR_CODES).filter((code) => !errors.includes(`| \`${code}\` |`))).toEqual([]);
    expect(sectionsOf(read('src/base/limits.ts')).flatMap(({ bounds }) => bounds).length).toBeGreaterThan(40);
  });

  it('give a reason for every limit', () => {
    const bare = sectionsOf(read('src/base/limits.ts'))
      .flatMap(({ bounds }) => bounds)
      .filter(({ reason }) => reason === '')
      .map(({ name }) => name);
    expect(bare).toEqual([]);
    const sample = 'export const LIMITS = {\n  // Group\n  /** Why. */\n  aMax: 1,\n  bMax: 2,\n}';
    expect(sectionsOf(sample)).toEqual([
      {
        heading: 'Group',
        bounds: [
          { name: 'aMax', reason: 'Why.' },
          { name: 'bMax', reason: '' },
        ],
      },
    ]);
  });
});

/** Commands of the keyspace have the name of their kind; topics and their consumers are made of streams. */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ...['key', 'memory', 'hash', 'list', 'set', 'sortedset', 'bitmap', 'hyperloglog', 'geospatial'].map(
    (name) => [name, 'kv'] as const,
  ),
  ['topic', 'stream'],
  ['consumer_group', 'stream'],
  ['hub', 'quota'],
  ['replication', 'cluster'],
  ['journal', 'graph'],
  ['snapshot', 'graph'],
  ['changes', 'subscriptions'],
  ['subscription', 'subscriptions'],
  ['collection', 'vector'],
  ['embedding', 'vector'],
]);

describe('operations', () => {
  it('have names of the form model.verb, each once, in the folder of their model', () => {
    const names: string[] = OPERATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(20);
    const wrong = names.filter((name) => {
      const model = /^([a-z]+(?:_[a-z]+)*)\.[a-z]+(?:_[a-z]+)*$/.exec(name)?.[1];
      const folder = FAMILIES.get(model ?? '') ?? model;
      return folder === undefined || !existsSync(join(ROOT, 'src/models', folder, 'operations.ts'));
    });
    expect(wrong).toEqual([]);
  });

  it.each(
    OPERATIONS.map((operation) => [operation.name, operation] as const),
  )('%s reads well', (_name, operation) => {
    expect(operation.summary).toMatch(/^[A-Z].*\.$/);
    expect(new Set(operation.errors).size).toBe(operation.errors.length);
    expect(operation.errors.filter((code) => !(code in ERROR_CODES))).toEqual([]);
  });
});

describe('dialects', () => {
  const TOTAL_MAP = /Record<\s*ErrorKind\b/;
  const PARTIAL_MAP = /Partial<\s*(?:Readonly<\s*)?Record<\s*ErrorKind\b/;

  it('have words for every kind of error: a map that does not compile without, or that of the HTTP frame', () => {
    const dialects = productFiles().filter(({ path }) =>
      /^src\/dialects\/(?!http\/)[^/]+\/index\.ts$/.test(path),
    );
    expect(dialects.length).toBeGreaterThan(0);
    for (const { path } of dialects) {
      const words = path.replace('index.ts', 'errors.ts');
      const code = read(words);
      if (/\bcodeStatuses\(/.test(code)) continue;
      expect(code, words).toMatch(TOTAL_MAP);
      expect(code, words).not.toMatch(PARTIAL_MAP);
      const missing = ERROR_KINDS.filter((kind) => !new RegExp(`\\b${kind}\\s*:`).test(code));
      expect(missing, words).toEqual([]);
    }
    const frame = read('src/dialects/http/status.ts');
    expect(frame).toMatch(/const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = \{/);
  });

  it('are told apart from a map that misses a kind', () => {
    const complete = ERROR_KINDS.map((kind) => `${kind}: 1`).join(', ');
    const found = (text: string): number =>
      ERROR_KINDS.filter((kind) => !new RegExp(`\\b${kind}\\s*:`).test(text)).length;
    expect(found(complete)).toBe(0);
    expect(found(complete.replace('retry: 1', ''))).toBe(1);
  });
});

describe('the repository', () => {
  it('has a changelog with a section for what is not released', () => {
    expect(read('CHANGELOG.md')).toMatch(/^## \[?Unreleased\]?$/m);
  });

  it('has the pages that a newcomer looks for', () => {
    const wanted = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'LICENSE', 'docs/start.md', '.ci/run'];
    expect(wanted.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names in package.json and in its documents only scripts that exist', () => {
    const manifest = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const files = Object.values(manifest.scripts).flatMap(
      (script) => script.match(/\b(?:scripts|bench)\/[\w.-]+/g) ?? [],
    );
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const named = allPaths()
      .filter((path) => path.endsWith('.md') || path === '.ci/run')
      .flatMap((path) => [...read(path).matchAll(/\bnpm run ([\w:-]+)/g)].map((match) => match[1] ?? ''));
    expect([...new Set(named)].filter((name) => !(name in manifest.scripts))).toEqual([]);
  });
});
