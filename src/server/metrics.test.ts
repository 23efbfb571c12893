/** The exposition: names and buckets of the contract, and labels that stay few. */
import { expect, test } from 'vitest';
import { LIMITS } from '../base/index.ts';
import { createMetrics } from './metrics.ts';

const line = (text: string, start: string) => text.split('\n').find((one) => one.startsWith(start));

test('names and buckets of the ThunderDB API reference', async () => {
  const metrics = createMetrics();
  metrics.observe({ type: 'query', verb: 'SELECT', durationMs: 5, ok: true });
  metrics.observe({ type: 'query', verb: 'VACUUM', durationMs: 500, ok: true });
  const text = await metrics.text();
  expect(line(text, 'thunderdb_queries_total{type="select"}')).toMatch(/ 1$/);
  expect(line(text, 'thunderdb_queries_total{type="insert"}')).toMatch(/ 0$/);
  expect(line(text, 'thunderdb_queries_total{type="other"}')).toMatch(/ 1$/);
  const buckets = [...text.matchAll(/^thunderdb_query_duration_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm)];
  expect(buckets.map(([, bound, count]) => `${bound}: ${count}`)).toEqual([
    '0.001: 0',
    '0.01: 1',
    '0.1: 1',
    '1: 2',
    '+Inf: 2',
  ]);
  expect(text).toContain('# TYPE thunderdb_active_connections gauge');
  expect(text).toContain('process_cpu_seconds_total');
});

test('operations by outcome and dialect', async () => {
  const metrics = createMetrics();
  const operation = {
    type: 'operation',
    operation: 'sql.query',
    dialect: 'thunder',
    principal: 'someone',
    namespace: 'default',
    requestId: 'req_1',
    durationMs: 3,
    asked: 'sql.query',
    askedCount: 1,
  } as const;
  metrics.observe({ ...operation, outcome: 'ok' });
  metrics.observe({ ...operation, outcome: 'INVALID_SQL' });
  const text = await metrics.text();
  const start = 'facet_operations_total{operation="sql.query",outcome=';
  expect(line(text, `${start}"ok",dialect="thunder"}`)).toMatch(/ 1$/);
  expect(line(text, `${start}"INVALID_SQL",dialect="thunder"}`)).toMatch(/ 1$/);
  expect(line(text, 'facet_operation_duration_seconds_count{operation="sql.query"}')).toMatch(/ 2$/);
  expect(text).not.toContain('someone');
});

test('statement names cannot fill the memory', async () => {
  const metrics = createMetrics();
  for (let i = 0; i < LIMITS.metricLabelValuesMax + 10; i++) {
    metrics.observe({ type: 'statement', statement: `s${i}`, durationMs: 1, ok: true });
  }
  const text = await metrics.text();
  expect(line(text, 'facet_statements_total{statement="other",ok="true"}')).toMatch(/ 10$/);
});
