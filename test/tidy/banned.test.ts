/** Banned calls stand nowhere in the source, and each ban fires on a sample of what it bans. */
import { describe, expect, it } from 'vitest';
import { BANNED_CODE, BANNED_PACKAGES, checkBanned } from './banned.ts';
import { codeFiles, productFiles, sample, written } from './repository.ts';

/** One line of code for each name in BANNED_CODE. */
const SAMPLES: Readonly<Record<string, string>> = {
  'process.env': 'const home = process.env.HOME;',
  console: 'console.log(1);',
  'process.exit': 'process.exit(1);',
  'Date.now': 'const at = Date.now();',
  'new Date()': 'const at = new Date();',
  'Math.random': 'const dice = Math.random();',
  'performance.now': 'const at = performance.now();',
  'process.hrtime': 'const at = process.hrtime.bigint();',
  eval: 'eval(text);',
  'export *': "export * from './x.ts';",
  any: 'const value = input as any;',
};

describe('banned calls', () => {
  it('stand nowhere', () => {
    expect(written(checkBanned(codeFiles()))).toEqual([]);
  });

  it('were looked for everywhere', () => {
    expect(productFiles().length).toBeGreaterThan(60);
    expect(codeFiles().length).toBeGreaterThan(productFiles().length + 20);
  });
});

describe('each ban', () => {
  it.each(BANNED_CODE.map((ban) => [ban.name, ban] as const))('fires: %s', (name, ban) => {
    const text = SAMPLES[name];
    expect(text, 'give it a sample').toBeDefined();
    const found = written(checkBanned([sample('src/models/sql/query.ts', text ?? '')]));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(ban.instead);
    expect(
      written(checkBanned([sample('src/models/sql/query.ts', `// ${text}\nconst a = "${name}";`)])),
    ).toEqual([]);
  });

  it.each(BANNED_PACKAGES.flatMap((ban) => ban.names))('fires for the package %s', (name) => {
    const found = checkBanned([sample('src/models/sql/query.ts', `import one from '${name}';`)]);
    expect(found).toHaveLength(1);
  });

  it.each([
    'let a: any;',
    'let a: any[] = [];',
    'const a = new Map<string, any>();',
    'type A = any;',
    'let a: string | any;',
    'const a = <T extends any>(b: T) => b;',
    'const a = (b: any) => b;',
    'function a(b: (c: string) => any) {}',
  ])('sees the type in: %s', (text) => {
    expect(checkBanned([sample('test/x.test.ts', text)]).length).toBeGreaterThan(0);
  });

  it.each([
    'expect.any(String)',
    'const a = { any: 1 };',
    'if (any(b)) {}',
    'const any = 1;',
    'new Date(ms)',
  ])('lets pass: %s', (text) => {
    expect(written(checkBanned([sample('src/base/x.ts', text)]))).toEqual([]);
  });

  it('lets a type pass that says why, in tests as in the source', () => {
    const text = '// biome-ignore lint/suspicious/noExplicitAny: leaves of a foreign document\nlet a: any;';
    expect(checkBanned([sample('test/x.ts', text)])).toEqual([]);
    expect(checkBanned([sample('test/x.ts', `${text}\nlet b: any;`)])).toHaveLength(1);
  });

  it('allows the places that are meant', () => {
    expect(checkBanned([sample('src/base/clock.ts', 'Date.now(); performance.now();')])).toEqual([]);
    expect(checkBanned([sample('src/cli/query.ts', 'console.log(1);')])).toEqual([]);
    expect(checkBanned([sample('src/engine/pool.ts', "import pg from 'pg';")])).toEqual([]);
    expect(checkBanned([sample('bench/run.ts', 'console.log(performance.now());')])).toEqual([]);
  });

  it.each([
    ['// @ts-ignore', 1],
    ['// @ts-expect-error because', 1],
    ['// biome-ignore lint/style/x: no', 1],
    ['// biome-ignore lint/style/x', 1],
    ['// biome-ignore lint/suspicious/noControlCharactersInRegex: the protocol separates fields by NUL', 0],
  ])('weighs the comment %s', (text, count) => {
    expect(checkBanned([sample('src/base/x.ts', text)])).toHaveLength(count);
  });
});
