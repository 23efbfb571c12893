/**
 * EXPLAIN before FIND and SIMILAR: the steps in their order, what each is estimated to leave, and what is handed from one
 * to the next. Estimates are counts that stop at a bound; embeddings are not searched.
 */
import { LIMITS } from '../../../../base/index.ts';
import type { Likeness, Name, StatementOf } from '../../../../nql/index.ts';
import type { Result } from '../../result.ts';
import type { Runners, StatementCall } from '../../statement-call.ts';
import { askCypher, inSnapshot } from '../asking.ts';
import { neighbourKeys, nodeNamed, referenceText } from './connected.ts';
import { collectionOf } from './embeddings.ts';
import { wantedBy } from './find.ts';
import { edgePattern } from './find-edges.ts';
import { NodeSource } from './find-nodes.ts';
import { RowSource } from './find-rows.ts';
import type { Wanted } from './nearest.ts';
import type { Source } from './ranked.ts';

type Find = StatementOf<'find'>;
type Similar = StatementOf<'similar'>;

const FEW = LIMITS.nqlFindFewMax;

export const EXPLAIN_RUNNERS: Runners<'explain'> = {
  explain: { answers: () => 'value', run },
};

async function run({ statement }: StatementOf<'explain'>, call: StatementCall): Promise<Result> {
  const steps =
    statement.kind === 'similar'
      ? await inSnapshot(call, async (inside) => await similarSteps(inside, statement))
      : await inSnapshot(call, async (inside) => await findSteps(inside, statement));
  const text = steps.map((step, at) => `${at + 1}. ${step}`).join('\n');
  return { case: 'value', value: { value: text } };
}

async function similarSteps(inside: StatementCall, statement: Similar): Promise<string[]> {
  const { connectedTo, condition, limit } = statement;
  const wanted: Wanted = { ...statement, collection: collectionOf(statement.collection) };
  const filter = condition === undefined ? '' : ', with the condition on metadata';
  if (connectedTo === undefined) {
    return [`vector: the ${limit} ${like(wanted)}${filter}, by the collection's index if it has one`];
  }
  const keys = await neighbourKeys(inside, await nodeNamed(inside, connectedTo), undefined);
  return [
    `graph: entities with an edge to or from ${referenceText(connectedTo)}: ${keys.length}`,
    `vector: the ${limit} ${like(wanted)}${filter}, of these ${keys.length} keys, measured one by one`,
  ];
}

async function findSteps(inside: StatementCall, find: Find): Promise<string[]> {
  const { target } = find;
  if (target.what === 'rows') return await rowSteps(inside, find);
  if (target.what === 'node') return await nodeSteps(inside, find);
  const { text, parameters } = edgePattern(find);
  const indexes = await indexesOf(inside, `${text} RETURN r`, parameters.values);
  return [
    `filter: ${target.what === 'edge' ? 'edges' : 'edges with their ends'}${typed(target.type)}${passing(find)}${indexes}`,
    page(find, 'edge'),
  ];
}

async function nodeSteps(inside: StatementCall, find: Find): Promise<string[]> {
  const source = await NodeSource.of(inside, find);
  const steps: string[] = [];
  const { neighbours } = source;
  const label = find.target.what === 'node' ? find.target.label : undefined;
  const filter = `nodes${label === undefined ? '' : ` with label ${label.text}`}${passing(find)}`;
  const pattern = source.pattern({ isConnected: false });
  const indexes = await indexesOf(inside, `${pattern.text} RETURN n`, pattern.parameters.values);
  const to = find.connectedTo === undefined ? '' : referenceText(find.connectedTo);
  if (neighbours !== undefined) {
    steps.push(`graph: nodes with an edge to or from ${to}: ${neighbours.length}`);
    steps.push(`filter: ${filter}, of these ${neighbours.length}`);
  }
  const wanted = wantedBy(find);
  const isHub = find.connectedTo !== undefined && neighbours === undefined;
  const graph = `graph: those with an edge to or from ${to}, which has more than ${FEW} edges`;
  if (wanted === undefined) {
    if (neighbours === undefined) steps.push(`filter: ${filter}${indexes}`);
    if (isHub) steps.push(`${graph}, in the same query`);
    return [...steps, page(find, 'node')];
  }
  const few = source.isUnrestricted ? undefined : await source.all(inside, FEW);
  if (few !== undefined) {
    if (neighbours === undefined) steps.push(`filter: ${filter}${indexes}`);
    if (isHub) steps.push(`${graph}`);
    return [...steps, ...fewSteps(find, wanted, few.length)];
  }
  const rest = [filter, ...(isHub ? [`an edge to or from ${to}`] : [])];
  return broadSteps(find, wanted, source, rest);
}

async function rowSteps(inside: StatementCall, find: Find): Promise<string[]> {
  const source = await RowSource.of(inside, find);
  const steps: string[] = [];
  if (find.connectedTo !== undefined) {
    const count = source.connected?.length ?? 0;
    steps.push(
      `graph: rows whose entities have an edge to or from ${referenceText(find.connectedTo)}: ${count}`,
    );
  }
  const filter = `rows of ${source.table.sql}${passing(find)}`;
  const wanted = wantedBy(find);
  const few = wanted === undefined ? undefined : await source.all(inside, FEW);
  if (wanted === undefined || few !== undefined) {
    steps.push(
      `filter: ${filter}${source.connected === undefined ? '' : `, of these ${source.connected.length}`}`,
    );
  }
  if (wanted === undefined) return [...steps, page(find, 'row')];
  if (few !== undefined) return [...steps, ...fewSteps(find, wanted, few.length)];
  return [...steps, ...broadSteps(find, wanted, source, [filter])];
}

const fewSteps = (find: Find, wanted: Wanted, count: number): string[] => [
  `vector: ${like(wanted)}, of the ${count} that pass, measured one by one in the same snapshot`,
  page(find, undefined),
];

const broadSteps = <Id>(
  find: Find,
  wanted: Wanted,
  { isUnrestricted }: Source<Id>,
  rest: readonly string[],
): string[] => [
  `vector: ${like(wanted)}, by the collection's index if it has one; more than are wanted, ${isUnrestricted ? 'since nothing restricts the nodes' : `since more than ${FEW} pass`}`,
  ...rest.map((part) => `check: ${part}, of their keys; more embeddings until enough pass`),
  'vector: those that pass, measured again in the same snapshot',
  page(find, undefined),
];

const passing = ({ condition }: Find): string => (condition === undefined ? '' : ' that pass the condition');
const typed = (type: Name | undefined): string => (type === undefined ? '' : ` of type ${type.text}`);

const page = ({ limit, offset }: Find, what: string | undefined): string =>
  `answer: ${limit} from ${offset}, ${what === undefined ? 'the most alike first' : `in the order of ${what === 'row' ? 'the primary key' : 'ids'}`}`;

const like = ({ to, metric, collection }: Wanted): string =>
  `embeddings in '${collection}' most like ${likeness(to)} (${metric})`;

const likeness = (to: Likeness): string =>
  to.by === 'key' ? `'${to.key.text}'` : `a vector of ${to.vector.components.length}`;

/** What the graph says about a query that it does not run. */
async function indexesOf(
  inside: StatementCall,
  query: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<string> {
  const { rows } = await askCypher(inside, `EXPLAIN ${query}`, parameters);
  const lines = rows.flatMap(([, details]) => String(details).split('\n'));
  const indexes = lines.filter((line) => line.startsWith('indexes: ')).map((line) => line.slice(9));
  return indexes.length === 0 ? '' : `, by index ${indexes.join(', ')}`;
}
