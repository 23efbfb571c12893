/** Size, first comment, open ends and skipped tests of every file, and a planted fault for each rule. */
import { describe, expect, it } from 'vitest';
import { allPaths, codeFiles, productFiles, read, sample, written } from './repository.ts';
import {
  checkHeaders,
  checkOpenEnds,
  checkSizes,
  checkSkips,
  countLines,
  LINES_MAX,
  LONG_FILES,
} from './shape.ts';

describe('files', () => {
  it('are short, or say why not', () => {
    expect(written(checkSizes(codeFiles(), LONG_FILES))).toEqual([]);
    for (const reason of LONG_FILES.values()) expect(reason.length).toBeGreaterThan(20);
    const lengths = productFiles()
      .map((file) => countLines(file.text))
      .sort((left, right) => left - right);
    expect(lengths.length).toBeGreaterThan(60);
    const sum = lengths.reduce((total, length) => total + length, 0);
    const median = lengths[Math.floor(lengths.length / 2)];
    console.info(`src/: ${lengths.length} files, ${sum} lines, median ${median}, longest ${lengths.at(-1)}`);
  });

  it('open with a comment', () => {
    expect(written(checkHeaders(codeFiles()))).toEqual([]);
    const migrations = allPaths().filter((path) => path.endsWith('.sql') && path.startsWith('src/'));
    expect(migrations.length).toBeGreaterThan(0);
    expect(migrations.filter((path) => !/^-- \w+ \w+/.test(read(path)))).toEqual([]);
  });

  it('leave no open ends', () => {
    const texts = allPaths()
      .filter((path) => /\.(?:md|sql|sh|yml|yaml|toml)$/.test(path) || path === '.ci/run')
      .map((path) => ({ path, comments: [{ start: 0, line: 1, text: read(path) }] }));
    expect(texts.length).toBeGreaterThan(5);
    expect(written(checkOpenEnds([...codeFiles(), ...texts]))).toEqual([]);
  });

  it('skip no test', () => {
    const tests = codeFiles().filter((file) => file.path.endsWith('.test.ts'));
    expect(tests.length).toBeGreaterThan(20);
    expect(written(checkSkips(tests))).toEqual([]);
  });
});

describe('the rules of a file', () => {
  const long = sample('src/base/x.ts', 'a;\n'.repeat(LINES_MAX + 1));
  const short = sample('src/base/x.ts', 'a;\n');
  const waiver = new Map([['src/base/x.ts', 'a table that reads best in one piece']]);

  it('find a long file, and a waiver that is not needed', () => {
    expect(checkSizes([long], new Map())).toHaveLength(1);
    expect(checkSizes([long], waiver)).toHaveLength(0);
    expect(checkSizes([short], new Map())).toHaveLength(0);
    expect(checkSizes([short], waiver)).toHaveLength(1);
    expect(checkSizes([], waiver)).toHaveLength(1);
  });

  it.each([
    ['', 1],
    ['const a = 1;', 1],
    ['const a = 1;\n/** What this file is, too late. */', 1],
    ['// Short.', 1],
    ['/** What this file is, in words. */\nconst a = 1;', 0],
    ['#!/usr/bin/env node\n// What this file is, in words.', 0],
  ])('weigh the header of %j', (text, count) => {
    expect(checkHeaders([sample('src/base/x.ts', text)])).toHaveLength(count);
  });

  it('find open ends in comments only', () => {
    const mark = ['TO', 'DO'].join('');
    expect(checkOpenEnds([sample('a.ts', `/**\n * x\n * ${mark}: y\n */`)])).toEqual([
      expect.objectContaining({ line: 3 }),
    ]);
    expect(checkOpenEnds([sample('a.ts', `const a = '${mark}';`)])).toEqual([]);
  });

  it.each([
    ['it.only("a", f);', 1],
    ['describe.concurrent.only("a", f);', 1],
    ['it.skip("a", f);', 1],
    ['describe.skip("a", f);', 1],
    ['test.todo("a");', 1],
    ['xit("a", f);', 1],
    ['fit("a", f);', 1],
    ['it.skipIf(root)("a", f);', 1],
    ['// Root may read everything.\nit.skipIf(root)("a", f);', 0],
    ['it("skips .only", f);', 0],
    ['stream.skip(1);', 0],
  ])('weigh %j', (text, count) => {
    expect(checkSkips([sample('test/a.test.ts', text)])).toHaveLength(count);
  });
});
