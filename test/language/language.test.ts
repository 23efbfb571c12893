/**
 * The language beyond the compatibility kit: every case of the files in cases/, on the graph in memory and, where a
 * graph is touched, on PostgreSQL. Both have to give the very text that the file has.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runQuery } from '../../src/models/graph/index.ts';
import { emptyGraph } from '../support/test-graph.ts';
import { openTestStore, type TestStore } from '../support/test-store.ts';
import { answerOf, type LanguageGraph, memoryLanguageGraph } from './answer.ts';
import { type LanguageCase, readCaseFiles } from './case-file.ts';

const FILES = readCaseFiles(new URL('cases/', import.meta.url));

/** Anything that reads or writes a graph; a case of bare values would only repeat what memory has shown. */
const needsGraph = ({ given, query }: LanguageCase): boolean =>
  given.length > 0 || /\b(?:MATCH|CREATE|MERGE|DELETE|EXISTS|COUNT|COLLECT)\b|-->|<--/i.test(query);

it('there are cases', () => {
  const cases = FILES.flatMap((file) => file.cases);
  expect(cases.length).toBeGreaterThan(300);
  for (const { name, expectation } of cases) expect(expectation, `${name} expects nothing`).not.toBe('');
});

describe('in memory', () => {
  for (const file of FILES) {
    describe(file.title, () => {
      it.each(file.cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
        expect(await answerOf(one, memoryLanguageGraph())).toBe(one.expectation);
      });
    });
  }
});

describe('on PostgreSQL', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await openTestStore();
  });
  afterAll(() => test.close());

  async function emptied(): Promise<LanguageGraph> {
    const { database } = test;
    await emptyGraph(database);
    return {
      execute: (query, parameters) => runQuery(database, query, { parameters, procedures: new Map() }),
    };
  }

  for (const file of FILES) {
    const cases = file.cases.filter(needsGraph);
    if (cases.length === 0) continue;
    describe(file.title, () => {
      it.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
        expect(await answerOf(one, await emptied())).toBe(one.expectation);
      });
    });
  }
});
