/** PATH: ways from one node to another. */
import type { Form } from '../form.ts';
import { clause, readClauses } from '../syntax/clauses.ts';
import { arrow, type Name, type NodeReference, nameOrText, nodeReference } from '../syntax/names.ts';
import { limitClause } from '../syntax/paging.ts';
import type { Reader } from '../syntax/reader.ts';
import { type Direction, directionClause, edgeTypeClause } from '../syntax/traversal.ts';
import { count } from '../syntax/values.ts';

/**
 * `shortest`: one of the shortest; `all`: all of the shortest; `weighted`: one whose weights sum to the least;
 * `all-weighted`: all of those; `variable`: all whose number of edges is within the bounds.
 */
export type PathMode = 'shortest' | 'all' | 'weighted' | 'all-weighted' | 'variable';

export interface Path {
  readonly kind: 'path';
  readonly mode: PathMode;
  readonly from: NodeReference;
  readonly to: NodeReference;
  /** Which way edges are followed. */
  readonly direction: Direction;
  readonly type: Name | undefined;
  /** Number of edges. */
  readonly depthMin: number | undefined;
  readonly depthMax: number | undefined;
  /** The property of edges that is summed up, in the weighted modes. */
  readonly weight: string | undefined;
  /** Number of paths. */
  readonly limit: number | undefined;
}

const MODES: Readonly<Record<string, PathMode>> = {
  SHORTEST: 'shortest',
  ALL: 'all',
  WEIGHTED: 'weighted',
  ALL_WEIGHTED: 'all-weighted',
  VARIABLE: 'variable',
};

const WEIGHT_DEFAULT = 'weight';

export function pathStatement(reader: Reader): Path {
  const written = modeOf(reader);
  const from = nodeReference(reader);
  arrow(reader);
  const to = nodeReference(reader);
  let direction: Direction = 'both';
  let type: Name | undefined;
  let depthMin: number | undefined;
  let depthMax: number | undefined;
  let weight: Name | undefined;
  let limit: number | undefined;
  readClauses(reader, [
    directionClause(reader, (found) => {
      direction = found;
    }),
    edgeTypeClause(reader, (found) => {
      type = found;
    }),
    clause('MAX_DEPTH', () => {
      const { start } = reader.token;
      depthMax = count(reader, 'MAX_DEPTH', 0);
      checkDepths(reader, start, depthMin, depthMax);
    }, ['MAX', 'DEPTH']),
    clause('MIN_DEPTH', () => {
      const { start } = reader.token;
      depthMin = count(reader, 'MIN_DEPTH', 0);
      checkDepths(reader, start, depthMin, depthMax);
    }, ['MIN', 'DEPTH']),
    clause('WEIGHT', () => {
      weight = nameOrText(reader, 'the property that is the weight');
    }),
    limitClause(reader, (found) => {
      limit = found;
    }),
  ]);
  const mode = written ?? (weight === undefined ? 'shortest' : 'weighted');
  const isWeighted = mode === 'weighted' || mode === 'all-weighted';
  if (weight !== undefined && !isWeighted) {
    throw reader.invalid(weight.span, 'WEIGHT goes with WEIGHTED and ALL_WEIGHTED only');
  }
  const property = isWeighted ? (weight?.text ?? WEIGHT_DEFAULT) : undefined;
  return { kind: 'path', mode, from, to, direction, type, depthMin, depthMax, weight: property, limit };
}

/** A word of a mode, unless it is the key of the first node. */
function modeOf(reader: Reader): PathMode | undefined {
  const { upper } = reader.token;
  if (!Object.hasOwn(MODES, upper) || reader.is('->', 1)) return undefined;
  if (reader.isWord('TO', 1) && !reader.isWord('TO', 2) && !reader.is('->', 2)) return undefined;
  reader.advance();
  return MODES[upper];
}

function checkDepths(
  reader: Reader,
  start: number,
  least: number | undefined,
  most: number | undefined,
): void {
  if (least === undefined || most === undefined || least <= most) return;
  throw reader.invalid(reader.spanFrom(start), `MIN_DEPTH ${least} is more than MAX_DEPTH ${most}`);
}

const ROADS = [
  "NODE CREATE town { name: 'A' }",
  "NODE CREATE town { name: 'B' }",
  "NODE CREATE town { name: 'C' }",
  'EDGE CREATE 1 -> 2 : road { km: 4 }',
  'EDGE CREATE 2 -> 3 : road { km: 5 }',
  'EDGE CREATE 1 -> 3 : road { km: 20 }',
];

export const PATH_FORMS = [
  {
    name: 'PATH',
    kind: 'path',
    syntax:
      'PATH [SHORTEST | ALL | WEIGHTED | ALL_WEIGHTED | VARIABLE] from -> to [direction] [: type] [MIN_DEPTH n] [MAX_DEPTH n] [WEIGHT property] [LIMIT n]',
    summary:
      'Answers the ids of the nodes of a path, and every path with its edges. Edges are followed either way unless OUTGOING or INCOMING is given. SHORTEST, which may be left out, gives one with the fewest edges and ALL each of those; WEIGHTED gives one whose edges have the least sum of a property (`weight` unless WEIGHT names another) and ALL_WEIGHTED each of those, at most 10,000; VARIABLE gives all within the depths. TO may stand for the arrow. The answer is empty when there is none.',
    examples: [
      { setup: ROADS, statement: 'PATH 1 -> 3' },
      { setup: ROADS, statement: 'PATH WEIGHTED 1 TO 3 WEIGHT km' },
      { setup: ROADS, statement: 'PATH VARIABLE 1 -> 3 : road MIN_DEPTH 2 MAX_DEPTH 4 LIMIT 5' },
    ],
  },
] as const satisfies readonly Form[];
