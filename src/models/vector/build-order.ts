/** What an index is built of: its options with their defaults and bounds, and what they mean for the graph. Pure. */
import { ExactNumber, FacetError } from '../../base/index.ts';
import type { GraphMetric, GraphShape } from './graph/index.ts';
import { METRICS, type Metric } from './metric.ts';

export type VectorIndexType = 'hnsw' | 'ivf_pq';
export const VECTOR_INDEX_TYPES: readonly VectorIndexType[] = ['hnsw', 'ivf_pq'];

export interface BuildOrder {
  readonly type: VectorIndexType;
  readonly metric: Metric;
  /** As given, with defaults filled in: what the catalog keeps. */
  readonly options: Readonly<Record<string, string | number>>;
}

interface NumberOption {
  readonly min: number;
  readonly max: number;
  readonly usual: number;
}

/** Ranges of pgvector, and for `m_pq` the number of dimensions; defaults of the ThunderDB API reference's examples. */
const NUMBERS: Readonly<Record<VectorIndexType, Readonly<Record<string, NumberOption>>>> = {
  hnsw: {
    m: { min: 2, max: 100, usual: 16 },
    ef_construction: { min: 4, max: 1_000, usual: 200 },
  },
  ivf_pq: {
    nlist: { min: 1, max: 32_768, usual: 100 },
    nprobe: { min: 1, max: 32_768, usual: 10 },
    m_pq: { min: 1, max: 16_000, usual: 16 },
  },
};

/** @throws INVALID_INDEX_OPTION naming the option */
export function buildOrder(
  type: VectorIndexType,
  given: Readonly<Record<string, unknown>>,
  dimensions: number,
): BuildOrder {
  const numbers = NUMBERS[type];
  const options: Record<string, string | number> = {};
  for (const [name, { usual }] of Object.entries(numbers)) options[name] = usual;
  let metric: Metric = 'cosine';
  for (const [name, value] of Object.entries(given)) {
    const bounds = Object.hasOwn(numbers, name) ? numbers[name] : undefined;
    if (bounds !== undefined) options[name] = wholeNumber(name, value, bounds);
    else if (name === 'distance_metric') metric = metricOf(value);
    else {
      throw invalid(`An index of type ${type} has no option '${name}'`, [
        ...Object.keys(numbers),
        'distance_metric',
      ]);
    }
  }
  if (type === 'hnsw' && Number(options.ef_construction) < 2 * Number(options.m)) {
    throw invalid(`Option 'ef_construction' is at least twice 'm', which is ${options.m}`);
  }
  if (type === 'ivf_pq' && Number(options.m_pq) > dimensions) {
    if (given.m_pq !== undefined)
      throw invalid(`Option 'm_pq' is at most the number of dimensions, ${dimensions}`);
    options.m_pq = dimensions;
  }
  return { type, metric, options: { ...options, distance_metric: metric } };
}

function wholeNumber(name: string, value: unknown, { min, max }: NumberOption): number {
  const number = value instanceof ExactNumber ? Number(value.text) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw invalid(`Option '${name}' is a whole number from ${min} to ${max}`);
}

function metricOf(value: unknown): Metric {
  const metric = METRICS.find((known) => known === value);
  if (metric === undefined) throw invalid(`Option 'distance_metric' is one of ${METRICS.join(', ')}`);
  return metric;
}

const invalid = (message: string, known?: readonly string[]): FacetError =>
  new FacetError('INVALID_INDEX_OPTION', message, {
    hint: known === undefined ? undefined : `Its options are ${known.join(', ')}.`,
  });

const GRAPH_METRICS: Readonly<Record<Metric, GraphMetric>> = {
  cosine: 'cos',
  l2: 'l2sq',
  inner_product: 'ip',
};

/** Edges and beam of an ivf_pq index, which has no options for them. */
const COMPACT = { m: 16, efConstruction: 128 };

/**
 * The graph for an order. Both types are the same structure: an ivf_pq index keeps one byte of each number, as far as
 * the metric looks at directions only; lengths that differ by orders of magnitude would not fit. Results are computed
 * from the whole vectors either way, so rounding costs nothing but a neighbour that is overlooked.
 */
export function graphShape(
  type: VectorIndexType,
  metric: Metric,
  options: BuildOrder['options'],
  dimensions: number,
): GraphShape {
  const compact = type === 'ivf_pq';
  return {
    dimensions,
    metric: GRAPH_METRICS[metric],
    scalar: compact && metric === 'cosine' ? 'i8' : 'bf16',
    connectivity: compact ? COMPACT.m : Number(options.m),
    expansionAdd: compact ? COMPACT.efConstruction : Number(options.ef_construction),
  };
}

/** Bytes of the graph for so many entries, roughly: copies of the vectors, and edges of all levels. */
export const graphBytes = ({ dimensions, scalar, connectivity }: GraphShape, entries: number): number =>
  entries * (dimensions * (scalar === 'i8' ? 1 : 2) + connectivity * 2 * 5 + 40);
