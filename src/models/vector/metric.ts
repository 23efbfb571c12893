/** The metrics: what `distance` is, and how it is computed from vectors in memory. Pure, and the innermost loop of exact search. */

export const METRICS = ['cosine', 'l2', 'inner_product'] as const;
export type Metric = (typeof METRICS)[number];

/** The operator of a metric, of ours and of pgvector alike: ascending order is nearest first. */
export const OPERATORS: Readonly<Record<Metric, string>> = {
  cosine: '<=>',
  l2: '<->',
  inner_product: '<#>',
};

/** Sum of the products of `length` numbers of `a` from `aFrom` on with those of `b`. */
function dot(a: Float32Array, aFrom: number, b: Float32Array, length: number): number {
  let even = 0;
  let odd = 0;
  const paired = length - (length % 4);
  for (let at = 0; at < paired; at += 4) {
    even += (a[aFrom + at] as number) * (b[at] as number);
    odd += (a[aFrom + at + 1] as number) * (b[at + 1] as number);
    even += (a[aFrom + at + 2] as number) * (b[at + 2] as number);
    odd += (a[aFrom + at + 3] as number) * (b[at + 3] as number);
  }
  for (let at = paired; at < length; at++) even += (a[aFrom + at] as number) * (b[at] as number);
  return even + odd;
}

function squaredDistance(a: Float32Array, aFrom: number, b: Float32Array, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at++) {
    const difference = (a[aFrom + at] as number) - (b[at] as number);
    sum += difference * difference;
  }
  return sum;
}

/** Length of the vector that begins at `from`. */
export const norm = (vectors: Float32Array, from: number, length: number): number =>
  Math.sqrt(dot(vectors, from, vectors.subarray(from, from + length), length));

/** Distance of the query to the vector that begins at `from`, whose length is `length`. NaN where it is undefined. */
export type Measure = (vectors: Float32Array, from: number, length: number) => number;

/** How far vectors are from `query`: cosine 1 - cos, l2 the Euclidean distance, inner_product negative. */
export function measureFrom(metric: Metric, query: Float32Array): Measure {
  const dimensions = query.length;
  switch (metric) {
    case 'l2':
      return (vectors, from) => Math.sqrt(squaredDistance(vectors, from, query, dimensions));
    case 'inner_product':
      return (vectors, from) => -dot(vectors, from, query, dimensions);
    case 'cosine': {
      const queryNorm = norm(query, 0, dimensions);
      return (vectors, from, length) =>
        length === 0 ? Number.NaN : 1 - dot(vectors, from, query, dimensions) / (length * queryNorm);
    }
  }
}
