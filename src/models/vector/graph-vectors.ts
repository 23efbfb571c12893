/**
 * Vectors as the graph gets them. It computes with 32-bit numbers, whose squares end near 1e±38, and as `1 - a·b` for
 * inner products, so that small ones vanish beside the 1: what has no influence on the order is taken away beforehand,
 * and rows that cannot be ordered in spite of it are measured outside of the graph. Pure.
 */
import { type Metric, norm } from './metric.ts';

/** Lengths of rows that the graph can tell apart: squares of their sums and differences are far from both ends. */
const LENGTHS: Readonly<Record<Metric, { readonly min: number; readonly max: number }>> = {
  // Only directions count.
  cosine: { min: 0, max: Number.POSITIVE_INFINITY },
  l2: { min: 1e-15, max: 1e15 },
  // Times the factor, products of two rows are from 100 to 1e36.
  inner_product: { min: 1e-8, max: 1e9 },
};

/** Makes the 1 of the graph's `1 - a·b` small. A power of two: rounding is as it was. */
const PRODUCT_FACTOR = 2 ** 30;

/** True when the graph cannot order a row of that length. Zero is ordered everywhere. */
export const isOutside = (metric: Metric, length: number): boolean =>
  length > LENGTHS[metric].max || (length > 0 && length < LENGTHS[metric].min);

/** What the vectors of rows are multiplied by in the graph. Those outside stand there for themselves, with another length. */
export function rowFactor(metric: Metric, length: number): number {
  if (length === 0) return 1;
  if (metric === 'cosine') return 1 / length;
  const { min, max } = LENGTHS[metric];
  const fitting = Math.min(max, Math.max(min, length)) / length;
  return metric === 'l2' ? fitting : fitting * PRODUCT_FACTOR;
}

/** The query for the graph; undefined when it cannot order any rows by it. */
export function graphQuery(metric: Metric, query: Float32Array): Float32Array | undefined {
  const length = norm(query, 0, query.length);
  if (length === 0) return query;
  if (metric === 'l2') return length > LENGTHS.l2.max ? undefined : query;
  // Its length changes the order of nothing.
  return scaled(query, (metric === 'cosine' ? 1 : PRODUCT_FACTOR) / length);
}

const scaled = (vector: Float32Array, factor: number): Float32Array =>
  factor === 1 ? vector : vector.map((number) => number * factor);
