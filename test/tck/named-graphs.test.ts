/** Named graphs, and the snapshot of one in memory. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import { snapshotOf } from './memory-engine.ts';
import { NamedGraphError, namedGraphs, splitStatements } from './named-graphs.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'facet-tck-'));
  await mkdir(join(folder, 'tree'));
  await writeFile(join(folder, 'tree', 'tree.json'), '{"name": "tree", "scripts": ["one", "two"]}');
  await writeFile(join(folder, 'tree', 'one.cypher'), 'CREATE (:A);\nCREATE (:B);\n');
  await writeFile(join(folder, 'tree', 'two.cypher'), 'CREATE (:C)');
  await mkdir(join(folder, 'odd'));
  await writeFile(join(folder, 'odd', 'odd.json'), '{"scripts": "one"}');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a named graph', () => {
  it('is made by the statements of its scripts', async () => {
    expect(await namedGraphs(folder)('tree')).toEqual(['CREATE (:A)', 'CREATE (:B)', 'CREATE (:C)']);
  });

  it.each(['missing', 'odd', '../tree'])('is refused: %s', async (name) => {
    await expect(namedGraphs(folder)(name)).rejects.toThrow(NamedGraphError);
  });

  it('is split at semicolons that are no part of anything', () => {
    const script = `RETURN ';', ";\\";", \`;\` // ;\n/* ; */;; RETURN 8 / 4 ;`;
    expect(splitStatements(script)).toEqual([`RETURN ';', ";\\";", \`;\` // ;\n/* ; */`, 'RETURN 8 / 4']);
    expect(splitStatements(' ; \n')).toEqual([]);
  });
});

describe('the snapshot of a graph in memory', () => {
  it('has identities, names of labels, and properties with their values', () => {
    const graph = new MemoryGraph();
    const first = graph.createNode(['A', 'B'], new Map([['x', 1n]]));
    const second = graph.createNode(['B'], new Map([['x', 1]]));
    const knows = graph.createRelationship('T', first, second, new Map([['x', [1n]]]));
    expect(snapshotOf(graph)).toEqual({
      nodes: new Set([first.id, second.id]),
      relationships: new Set([knows.id]),
      labels: new Set(['A', 'B']),
      properties: new Set([
        `["node","${first.id}","x","1"]`,
        `["node","${second.id}","x","1.0"]`,
        `["relationship","${knows.id}","x","[1]"]`,
      ]),
    });
  });

  it('is not changed by what happens later', () => {
    const graph = new MemoryGraph();
    const node = graph.createNode(['A'], new Map([['x', 1n]]));
    const before = snapshotOf(graph);
    graph.setProperties(node, new Map());
    graph.setLabels(node, []);
    expect([before.labels.size, before.properties.size]).toEqual([1, 1]);
    expect([snapshotOf(graph).labels.size, snapshotOf(graph).properties.size]).toEqual([0, 0]);
  });
});
