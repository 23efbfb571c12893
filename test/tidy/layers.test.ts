/** The layers of src/ hold, and the rule that says so finds each kind of fault when one is planted. */
import { describe, expect, it } from 'vitest';
import { importsOf } from './imports.ts';
import { checkLayers, layerOf, RANKS } from './layers.ts';
import { productFiles, sample, written } from './repository.ts';

/** Fewest modules of each layer that a complete checkout has: a rule that sees nothing finds nothing. */
const FEWEST: Readonly<Record<string, number>> = {
  base: 8,
  engine: 8,
  nql: 25,
  models: 15,
  dispatch: 4,
  dialects: 5,
  server: 6,
  cli: 4,
  'main.ts': 1,
};

describe('layers of src/', () => {
  it('hold', () => {
    expect(written(checkLayers(productFiles()))).toEqual([]);
  });

  it('are all seen', () => {
    const counts = new Map<string, number>();
    for (const { path } of productFiles()) counts.set(layerOf(path), (counts.get(layerOf(path)) ?? 0) + 1);
    const missing = Object.entries(FEWEST).filter(([layer, fewest]) => (counts.get(layer) ?? 0) < fewest);
    expect(missing.map(([layer, fewest]) => `${layer}: ${counts.get(layer) ?? 0} of ${fewest}`)).toEqual([]);
    expect(Object.keys(FEWEST).every((layer) => RANKS.has(layer))).toBe(true);
  });

  it('have their imports read', () => {
    const imports = productFiles().flatMap((file) => importsOf(file));
    expect(imports.filter((found) => found.target !== undefined).length).toBeGreaterThan(100);
  });
});

describe('the rule of the layers', () => {
  const base = sample('src/base/index.ts', 'export const one = 1;');
  const engine = sample('src/engine/index.ts', 'export const two = 2;');
  const inside = sample('src/engine/lane.ts', 'export const three = 3;');
  const sql = sample('src/models/sql/index.ts', 'export const four = 4;');
  const shared = sample('src/models/pagination.ts', 'export const five = 5;');
  const models = sample('src/models/index.ts', "export { four } from './sql/index.ts';");
  const house = [base, engine, inside, sql, shared, models];
  const faults = (path: string, text: string): string[] =>
    written(checkLayers([...house.filter((file) => file.path !== path), sample(path, text)]));

  it('lets good imports pass', () => {
    expect(written(checkLayers(house))).toEqual([]);
    expect(faults('src/models/kv/index.ts', "import { five } from '../pagination.ts';")).toEqual([]);
    expect(faults('src/engine/pool.ts', "import { three } from './lane.ts';\nimport pg from 'pg';")).toEqual(
      [],
    );
  });

  it.each([
    [
      'an upward import',
      'src/base/clock.ts',
      "import { two } from '../engine/index.ts';",
      'must not import engine',
    ],
    [
      'of a type',
      'src/base/clock.ts',
      "import type { two } from '../engine/index.ts';",
      'must not import engine',
    ],
    [
      'in a type',
      'src/base/clock.ts',
      "type T = typeof import('../engine/index.ts');",
      'must not import engine',
    ],
    ['a dynamic one', 'src/base/clock.ts', "await import('../engine/index.ts');", 'must not import engine'],
    [
      'a re-export',
      'src/base/clock.ts',
      "export { two } from '../engine/index.ts';",
      'must not import engine',
    ],
    [
      'on several lines',
      'src/base/clock.ts',
      "import {\n  type two,\n} from '../engine/index.ts';",
      'must not import engine',
    ],
    [
      'equal ranks',
      'src/cypher/index.ts',
      "import { two } from '../engine/index.ts';",
      'must not import engine',
    ],
    [
      'a sibling',
      'src/models/kv/index.ts',
      "import { four } from '../sql/index.ts';",
      'must not import its sibling',
    ],
    [
      'a side door',
      'src/models/kv/index.ts',
      "import { three } from '../../engine/lane.ts';",
      'import src/engine/index.ts',
    ],
    ['a cycle', 'src/engine/lane.ts', "import { three } from './lane.ts';", 'imports itself'],
    ['a hole', 'src/base/clock.ts', "import { gone } from './gone.ts';", 'does not lead to a module'],
    ['an unknown layer', 'src/tools/index.ts', 'export const six = 6;', "'tools' is no layer"],
  ])('finds %s', (_name, path, text, message) => {
    expect(faults(path, text).join('\n')).toContain(message);
  });

  it('lets dialects share the HTTP frame, which knows none of them', () => {
    const frame = sample('src/dialects/http/index.ts', 'export const seven = 7;');
    const user = sample('src/dialects/kv/index.ts', "import { seven } from '../http/index.ts';");
    expect(checkLayers([frame, user])).toEqual([]);
    const back = sample('src/dialects/http/index.ts', "import { eight } from '../kv/index.ts';");
    const found = written(checkLayers([back, sample('src/dialects/kv/index.ts', 'export const eight = 8;')]));
    expect(found.join('\n')).toContain('must not import its sibling');
  });

  it('finds a cycle of type imports over two files', () => {
    const found = written(
      checkLayers([
        sample('src/base/index.ts', 'export {};'),
        sample('src/base/a.ts', "import type { B } from './b.ts';"),
        sample('src/base/b.ts', "import type { A } from './a.ts';"),
      ]),
    );
    expect(found).toEqual([
      'src/base/a.ts:1 imports itself: src/base/a.ts -> src/base/b.ts -> src/base/a.ts',
    ]);
  });

  it('finds a folder without a front door', () => {
    const found = checkLayers([sample('src/base/a.ts', ''), sample('src/base/b.ts', '')]);
    expect(written(found)).toEqual(['src/base:1 has no index.ts: give it a front door']);
  });
});
