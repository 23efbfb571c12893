/** A small graph as plain data, for tests that find out by themselves what is true of it. */
export interface Vertex {
  /** Its position in the graph, and its property `i`. */
  readonly i: number;
  readonly label: string;
  readonly x: number | undefined;
}

export interface Edge {
  /** Its position in the graph, and its property `j`. */
  readonly j: number;
  readonly from: number;
  readonly to: number;
  readonly type: string;
  readonly w: number | undefined;
}

export interface PlainGraph {
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
}

const entry = (key: string, value: number | undefined): string =>
  value === undefined ? '' : `, ${key}: ${value}`;

/** One CREATE. */
export function textOfGraph({ vertices, edges }: PlainGraph): string {
  const nodes = vertices.map(({ i, label, x }) => `(n${i}:${label} {i: ${i}${entry('x', x)}})`);
  const relationships = edges.map(
    ({ j, from, to, type, w }) => `(n${from})-[:${type} {j: ${j}${entry('w', w)}}]->(n${to})`,
  );
  return `CREATE ${[...nodes, ...relationships].join(', ')}`;
}
