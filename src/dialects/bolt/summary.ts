/** What a result was, told behind its last record: kind, counters, plan. Neo4j's names. */
import type { GraphStream } from '../../models/index.ts';
import type { Meta } from './codec.ts';
import { planMeta } from './query-plans.ts';

type Counters = ReturnType<GraphStream['outcome']>;

const TYPE_OF_KIND: Readonly<Record<GraphStream['kind'], string>> = {
  read: 'r',
  write: 'w',
  'read-write': 'rw',
  schema: 's',
};

/** To be called when the last record was taken. */
export function summaryOf(stream: GraphStream): { readonly [key: string]: Meta | undefined } {
  const plan = stream.plan();
  return {
    type: TYPE_OF_KIND[stream.kind],
    stats: stream.kind === 'read' ? undefined : statsOf(stream.outcome(), stream.schema),
    ...(plan === undefined ? {} : planMeta(plan)),
  };
}

/** Counters that are not zero; undefined when nothing was done. */
export function statsOf(
  counters: Counters,
  schema: GraphStream['schema'],
): { readonly [key: string]: Meta } | undefined {
  const named: readonly (readonly [string, number | undefined])[] = [
    ['nodes-created', counters?.nodesCreated],
    ['nodes-deleted', counters?.nodesDeleted],
    ['relationships-created', counters?.relationshipsCreated],
    ['relationships-deleted', counters?.relationshipsDeleted],
    // Neo4j counts what something is created with, too.
    ['properties-set', (counters?.propertiesSet ?? 0) + (counters?.propertiesCreated ?? 0)],
    ['labels-added', counters?.labelsAdded],
    ['labels-removed', counters?.labelsRemoved],
    ['indexes-added', schema?.indexesAdded],
    ['indexes-removed', schema?.indexesRemoved],
    ['constraints-added', schema?.constraintsAdded],
    ['constraints-removed', schema?.constraintsRemoved],
  ];
  const done = named.flatMap(([key, count]) =>
    count === undefined || count === 0 ? [] : [[key, count] as const],
  );
  return done.length === 0 ? undefined : { ...Object.fromEntries(done), 'contains-updates': true };
}
