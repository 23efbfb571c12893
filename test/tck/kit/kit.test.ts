/**
 * openCypher's compatibility kit with both matchers, one test for each category. The kit is no part of this project: it
 * is run where it stands beside the checkout, and otherwise the reason is printed.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../corpus.ts';
import type { TckEngine } from '../engine.ts';
import { ENGINES, type Matcher } from '../engines.ts';
import { namedGraphs } from '../named-graphs.ts';
import { failureLines } from '../report.ts';
import { choose, runAll } from '../run.ts';

const KIT = fileURLToPath(new URL('../../../../shared/tck/', import.meta.url));
const FEATURES = `${KIT}features`;
const isThere = existsSync(FEATURES);

/** Ten times what the largest category takes. */
const CATEGORY_MS_MAX = 120_000;
const FAILURES_SHOWN = 10;

const files = isThere ? await readCorpus(FEATURES) : [];
const categories = [...new Set(files.map(({ category }) => category))].sort();
const options = { graphs: namedGraphs(`${KIT}graphs`), withNoise: false, scenarioMsMax: 60_000 };

if (!isThere) console.warn(`The compatibility kit is not run: there is no ${FEATURES}`);

it('is complete where it is', () => {
  const scenarios = files.flatMap((file) => file.scenarios);
  expect(isThere ? scenarios.length : 2_000).toBeGreaterThan(1_999);
});

describe.each(['memory', 'sql'] as const)('with the matcher %s', (matcher: Matcher) => {
  let engine: TckEngine;
  beforeAll(async () => {
    const source = ENGINES[matcher];
    if ('missing' in source) throw new Error(source.missing);
    if (isThere) engine = await source.open();
  });
  afterAll(() => engine?.close());

  // Without the kit there are no categories, and a suite without a test is a failure.
  it.runIf(isThere).each(isThere ? categories : ['the kit is not here'])(
    '%s',
    async (category) => {
      const chosen = files.filter((file) => file.category === category);
      const scenarios = choose(chosen, { tags: { some: [], none: [] }, filter: undefined });
      const verdicts = await runAll(chosen, scenarios, engine, options);
      const failed = verdicts.filter(
        ({ verdict }) => verdict.outcome === 'wrong' || verdict.outcome === 'error',
      );
      expect(failureLines(verdicts, FAILURES_SHOWN).join('\n')).toBe('');
      expect(failed).toHaveLength(0);
    },
    CATEGORY_MS_MAX,
  );
});
