/** The statements for servers with pgvector, as texts: the extension itself is not at hand. */
import { expect, test } from 'vitest';
import { buildOrder } from './build-order.ts';
import { createIndexText, searchSettings } from './pgvector.ts';
import { exactText, type Selection } from './search-sql.ts';
import type { Target } from './target.ts';

const target: Target = {
  table: { schema: 'public', name: 'doc' },
  relationOid: 1,
  kind: 'r',
  file: '1',
  column: 'v',
  attribute: 2,
  dimensions: 3,
  pgvector: true,
  columns: [{ name: 'id', type: 'Int32' }],
  keyIndex: 1,
  key: [{ name: 'id', type: 'integer' }],
  indexes: [],
};
const selection: Selection = { target, columns: ['id'], filter: '(id > $1\n)', filterParameters: 1 };

test('indexes are those of the extension, with the class of the metric', () => {
  expect(createIndexText('i', target, buildOrder('hnsw', { m: 8, distance_metric: 'l2' }, 3), 3)).toBe(
    'CREATE INDEX "i" ON "public"."doc" USING hnsw ("v" vector_l2_ops) WITH (m = 8, ef_construction = 200)',
  );
  expect(createIndexText('i', target, buildOrder('ivf_pq', { nlist: 7 }, 3), 3)).toBe(
    'CREATE INDEX "i" ON "public"."doc" USING ivfflat ("v" vector_cosine_ops) WITH (lists = 7)',
  );
  expect(createIndexText('i', target, buildOrder('hnsw', {}, 3_000), 3_000)).toContain(
    '(("v"::halfvec(3000)) halfvec_cosine_ops)',
  );
});

test('searches order by its operator, and go on until enough rows pass a filter', () => {
  const text = exactText(selection, 'inner_product');
  expect(text).toContain('"v" <#> $2');
  expect(text).toContain('AND (id > $1\n)');
  expect(text).toContain('LIMIT $3::bigint');
  expect(searchSettings({ efSearch: 5_000, nprobe: 3 }, selection)).toEqual([
    'SET LOCAL hnsw.ef_search = 1000',
    'SET LOCAL ivfflat.probes = 3',
    'SET LOCAL hnsw.iterative_scan = strict_order',
    'SET LOCAL ivfflat.iterative_scan = relaxed_order',
  ]);
  expect(searchSettings({ efSearch: 64, nprobe: 10 }, { ...selection, filter: undefined })).toHaveLength(2);
});
