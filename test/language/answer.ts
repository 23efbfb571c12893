/** Runs a case on an engine and writes what came of it as the text of an expectation. */
import { FacetError } from '../../src/base/index.ts';
import { CypherError } from '../../src/cypher/cypher-error.ts';
import { executeInMemory } from '../../src/cypher/run/memory/execute.ts';
import { MemoryGraph } from '../../src/cypher/run/memory/memory-graph.ts';
import type { Counters } from '../../src/cypher/run/run.ts';
import type { Value } from '../../src/cypher/values/value.ts';
import { describeValue, textOf } from '../tck/value-text.ts';
import type { LanguageCase } from './case-file.ts';

export interface LanguageResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  readonly counters: Counters;
}

export type Parameters = ReadonlyMap<string, Value>;

/** An empty graph, which nobody else sees. */
export interface LanguageGraph {
  execute(query: string, parameters: Parameters): Promise<LanguageResult>;
}

export const memoryLanguageGraph = (): LanguageGraph => {
  const graph = new MemoryGraph();
  return {
    execute: (query, parameters) => executeInMemory(graph, query, { parameters, random: () => 0.25 }),
  };
};

const NO_PARAMETERS: Parameters = new Map();

/** Control characters as escapes, so that a value stays in its line. */
const cell = (value: Value): string =>
  textOf(describeValue(value)).replaceAll(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Identities are not the same everywhere. */
const withoutIdentities = (text: string): string => text.replaceAll(/\b(node|relationship) \d+/gi, '$1 #');

/** @throws when a statement of `given` fails, or when a query that failed has changed the graph */
export async function answerOf(one: LanguageCase, graph: LanguageGraph): Promise<string> {
  for (const statement of one.given) await graph.execute(statement, NO_PARAMETERS);
  const parameters = await parametersOf(one);
  const before = await contentOf(graph);
  try {
    const result = await graph.execute(one.query, parameters);
    const sections = [rowsText(result, one.rowsInOrder), countersText(result.counters)];
    if (changed(result.counters)) sections.push(`--- graph\n${await contentOf(graph)}`.trim());
    return sections.filter((section) => section !== '').join('\n') || '--- nothing';
  } catch (error) {
    if (!(error instanceof FacetError)) throw error;
    if ((await contentOf(graph)) !== before) throw new Error('the failed query has changed the graph');
    return errorText(error, one.query);
  }
}

/** Evaluated in memory, whatever engine the query runs on. */
async function parametersOf({ parameters }: LanguageCase): Promise<Parameters> {
  if (parameters === undefined) return NO_PARAMETERS;
  const { rows } = await memoryLanguageGraph().execute(`RETURN ${parameters} AS map`, NO_PARAMETERS);
  const map = rows[0]?.[0];
  if (!(map instanceof Map)) throw new Error(`parameters are a map, not ${parameters}`);
  return map;
}

function rowsText({ columns, rows }: LanguageResult, inOrder: boolean): string {
  if (columns.length === 0) return '';
  const lines = rows.map((row) => row.map(cell).join(' | '));
  if (!inOrder) lines.sort();
  return [inOrder ? '--- rows in order' : '--- rows', columns.join(' | '), ...lines].join('\n');
}

const changed = (counters: Counters): boolean => Object.values(counters).some((count) => count > 0);

function countersText(counters: Counters): string {
  const parts = Object.entries(counters).filter(([, count]) => count > 0);
  return parts.length === 0 ? '' : `--- counters\n${parts.map((part) => part.join(' ')).join(', ')}`;
}

/** Every node and every relationship between its ends, sorted. */
async function contentOf(graph: LanguageGraph): Promise<string> {
  const nodes = await graph.execute('MATCH (n) RETURN n', NO_PARAMETERS);
  const paths = await graph.execute('MATCH p = ()-->() RETURN p', NO_PARAMETERS);
  const lines = (rows: readonly (readonly Value[])[]): string[] =>
    rows.map((row) => row.map(cell).join()).sort();
  return [...lines(nodes.rows), ...lines(paths.rows)].join('\n');
}

/** Type and detail, when and where (a bound of the server has none of these), then what people read. */
function errorText(error: FacetError, query: string): string {
  const lines = [`${error.code}: ${withoutIdentities(error.message)}`];
  if (error instanceof CypherError) {
    const at = error.span === undefined ? 'nowhere' : place(query, error.span.start);
    lines.unshift(`${error.type} ${error.reason} at ${error.phase}, ${at}`);
  }
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  return ['--- error', ...lines].join('\n');
}

/** `line:column`, both 1-based. */
function place(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
