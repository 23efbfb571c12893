/** What a result was, in the words of both APIs: counters and plans. */
import type { Value } from '../../../cypher/index.ts';
import type { GraphStream } from '../../../models/index.ts';
import type { Meta } from '../codec.ts';
import { type PlanNode, planMeta } from '../query-plans.ts';
import type { JsonOut } from './json-out.ts';
import type { WriteValue } from './plain-json.ts';

type Counters = ReturnType<GraphStream['outcome']>;
type Members = { readonly [key: string]: Meta | undefined };

/** In the order of the transactional endpoint. */
function countsOf(counters: Counters, schema: GraphStream['schema']) {
  return {
    nodesCreated: counters?.nodesCreated ?? 0,
    nodesDeleted: counters?.nodesDeleted ?? 0,
    propertiesSet: (counters?.propertiesSet ?? 0) + (counters?.propertiesCreated ?? 0),
    relationshipsCreated: counters?.relationshipsCreated ?? 0,
    relationshipsDeleted: counters?.relationshipsDeleted ?? 0,
    labelsAdded: counters?.labelsAdded ?? 0,
    labelsRemoved: counters?.labelsRemoved ?? 0,
    indexesAdded: schema?.indexesAdded ?? 0,
    indexesRemoved: schema?.indexesRemoved ?? 0,
    constraintsAdded: schema?.constraintsAdded ?? 0,
    constraintsRemoved: schema?.constraintsRemoved ?? 0,
  };
}

/** `counters` of the Query API. To be called when the last row was taken, as the next one. */
export function countersJson({ outcome, schema }: GraphStream): string {
  const counts = countsOf(outcome(), schema);
  const containsUpdates = Object.values(counts).some((count) => count > 0);
  return JSON.stringify({ containsUpdates, ...counts, containsSystemUpdates: false, systemUpdates: 0 });
}

/** `stats` of the transactional endpoint, whose clients know it as `relationship_deleted`. */
export function statsJson({ outcome, schema }: GraphStream): string {
  const counts = countsOf(outcome(), schema);
  const named = Object.entries(counts).map(([name, count]) => [
    name === 'relationshipsDeleted' ? 'relationship_deleted' : snake(name),
    count,
  ]);
  return JSON.stringify({
    contains_updates: Object.values(counts).some((count) => count > 0),
    ...Object.fromEntries(named),
    contains_system_updates: false,
    system_updates: 0,
  });
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `plan` of the transactional endpoint: arguments stand among the members of a step. */
export function rootPlanJson(plan: PlanNode): string {
  const meta = planMeta(plan);
  return JSON.stringify({ root: flatStep(meta.profile ?? meta.plan ?? {}) });
}

function flatStep({ args, children, ...step }: Members): unknown {
  return { ...step, ...(args as object), children: stepsIn(children).map(flatStep) };
}

/** Adds `queryPlan` or `profiledQueryPlan` of the Query API, with a comma before it. */
export function addPlan(out: JsonOut, plan: PlanNode, write: WriteValue): void {
  const meta = planMeta(plan);
  out.add(meta.profile === undefined ? ',"queryPlan":' : ',"profiledQueryPlan":');
  addStep(out, meta.profile ?? meta.plan ?? {}, write);
}

function addStep(out: JsonOut, { args, children, rows, ...step }: Members, write: WriteValue): void {
  const measured = rows === undefined ? {} : { records: rows, hasPageCacheStats: false };
  out.add(`${JSON.stringify({ ...step, ...measured }).slice(0, -1)},"arguments":{`);
  const present = Object.entries(args as Members).filter(([, value]) => value !== undefined);
  for (const [index, [name, value]] of present.entries()) {
    out.add(`${index === 0 ? '' : ','}${JSON.stringify(name)}:`);
    write(out, cypherOf(value));
  }
  out.add('},"children":[');
  for (const [index, child] of stepsIn(children).entries()) {
    if (index > 0) out.add(',');
    addStep(out, child, write);
  }
  out.add(']}');
}

const stepsIn = (children: Meta | undefined): readonly Members[] => children as readonly Members[];

/** Arguments of plans are texts and whole numbers. */
const cypherOf = (value: Meta | undefined): Value =>
  typeof value === 'number' ? BigInt(value) : typeof value === 'string' ? value : null;
