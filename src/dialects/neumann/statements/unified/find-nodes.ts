/** FIND NODE: which nodes pass, and what is shown of them. */
import { LIMITS } from '../../../../base/index.ts';
import { Node } from '../../../../cypher/index.ts';
import type { Field, Name, StatementOf } from '../../../../nql/index.ts';
import { ENTITY_KEY, isKeyOf } from '../../entity-key.ts';
import type { StatementCall } from '../../statement-call.ts';
import { askCypher } from '../asking.ts';
import { CypherParameters, conditionCypher, cypherName } from '../condition-cypher.ts';
import { propertyTexts } from '../graph/index.ts';
import { neighboursOf, nodeNamed } from './connected.ts';
import { lookups } from './entity-nodes.ts';
import { chosen, type Found } from './found.ts';
import type { Candidate, Source } from './ranked.ts';

type Find = StatementOf<'find'>;

/** What CONNECTED TO means for the nodes. */
interface Connected {
  readonly id: bigint;
  /** All that have an edge with it; undefined when there are many edges. */
  readonly neighbours: readonly bigint[] | undefined;
}

/** A part of MATCH … WHERE …, with its parameters. */
interface Pattern {
  readonly text: string;
  readonly parameters: CypherParameters;
}

export class NodeSource implements Source<bigint> {
  readonly #label: Name | undefined;
  readonly #condition: Find['condition'];
  readonly #connected: Connected | undefined;

  private constructor(find: Find, connected: Connected | undefined) {
    this.#label = find.target.what === 'node' ? find.target.label : undefined;
    this.#condition = find.condition;
    this.#connected = connected;
  }

  /** @throws ENTITY_NOT_FOUND when there is nothing that CONNECTED TO names */
  static async of(inside: StatementCall, find: Find): Promise<NodeSource> {
    if (find.connectedTo === undefined) return new NodeSource(find, undefined);
    const id = await nodeNamed(inside, find.connectedTo);
    const neighbours = await neighboursOf(inside, id, LIMITS.nqlFindFewMax);
    return new NodeSource(find, { id, neighbours });
  }

  get isUnrestricted(): boolean {
    return this.#label === undefined && this.#condition === undefined && this.#connected === undefined;
  }

  /** Nodes that are known to be the only ones that can pass; undefined without such. */
  get neighbours(): readonly bigint[] | undefined {
    return this.#connected?.neighbours;
  }

  compare(a: bigint, b: bigint): number {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  async all(inside: StatementCall, most: number): Promise<readonly Candidate<bigint>[] | undefined> {
    const connected = this.#connected;
    // Of many edges the condition may leave few: they are looked at only for those nodes.
    const isHub = connected !== undefined && connected.neighbours === undefined;
    const passing = await this.#candidates(inside, this.pattern({ isConnected: !isHub }), most);
    if (passing === undefined && isHub) return await this.#candidates(inside, this.pattern(), most);
    if (passing === undefined || !isHub) return passing;
    const ids = passing.map(({ id }) => id);
    return await this.#candidates(inside, this.pattern({ ids, isTested: true }), most);
  }

  async #candidates(
    inside: StatementCall,
    { text, parameters }: Pattern,
    most: number,
  ): Promise<readonly Candidate<bigint>[] | undefined> {
    const { rows } = await askCypher(
      inside,
      `${text} WITH DISTINCT n LIMIT ${parameters.add(most + 1)}
       RETURN id(n), n.${ENTITY_KEY}, labels(n)`,
      parameters.values,
    );
    return rows.length > most ? undefined : candidatesIn(rows);
  }

  async among(inside: StatementCall, keys: readonly string[]): Promise<readonly Candidate<bigint>[]> {
    const found: Candidate<bigint>[] = [];
    for (const { label, some } of lookups(keys)) {
      const { text, parameters } = this.pattern({ label, keys: some });
      const { rows } = await askCypher(
        inside,
        `${text} RETURN DISTINCT id(n), n.${ENTITY_KEY}, labels(n)`,
        parameters.values,
      );
      found.push(...candidatesIn(rows));
    }
    return found;
  }

  /**
   * `MATCH …` with what follows it, over the nodes `n` that pass. Nodes that are known by ids or keys are looked up by
   * nothing else, and tested when they are there: beside a condition that has an index PostgreSQL takes that one, and
   * compares every node that it brings with all ids or keys.
   * @param within `isTested`: the condition is known to hold of them
   */
  pattern(
    within: {
      readonly label?: string;
      readonly keys?: readonly string[];
      readonly ids?: readonly bigint[];
      readonly isConnected?: boolean;
      readonly isTested?: boolean;
    } = {},
  ): Pattern {
    const parameters = new CypherParameters();
    const connected = within.isConnected === false ? undefined : this.#connected;
    const labels = [within.label, this.#label?.text].filter((label) => label !== undefined);
    const node = `(n${[...new Set(labels)].map((label) => `:${cypherName(label)}`).join('')})`;
    const known: string[] = [];
    if (connected?.neighbours !== undefined) known.push(`id(n) IN ${parameters.add(connected.neighbours)}`);
    if (within.ids !== undefined) known.push(`id(n) IN ${parameters.add(within.ids)}`);
    if (within.keys !== undefined) known.push(`n.${ENTITY_KEY} IN ${parameters.add(within.keys)}`);
    const tests =
      this.#condition === undefined || within.isTested === true
        ? []
        : [conditionCypher(this.#condition, parameters, 'n', nodeField)];
    const isHub = connected !== undefined && connected.neighbours === undefined;
    const hub = isHub ? `id(c) = ${parameters.add(connected.id)}` : '';
    if (known.length === 0) {
      const all = isHub ? [hub, ...tests] : tests;
      return { text: `MATCH ${isHub ? '(c)--' : ''}${node}${where(all)}`, parameters };
    }
    const parts = [
      `MATCH ${node}${where(known)}`,
      ...(tests.length === 0 ? [] : [`WITH n${where(tests)}`]),
      ...(isHub ? [`MATCH (c)--(n) WHERE ${hub}`] : []),
    ];
    return { text: parts.join(' '), parameters };
  }
}

const where = (tests: readonly string[]): string =>
  tests.length === 0 ? '' : ` WHERE ${tests.join(' AND ')}`;

const candidatesIn = (rows: readonly (readonly unknown[])[]): Candidate<bigint>[] =>
  rows.flatMap(([id, key, labels]) => (isKeyOf(key, labels) ? [{ id: id as bigint, key }] : []));

/** `id` and `label` are not properties, unless they stand in backticks. */
const nodeField = ({ name, isQuoted }: Field): string | undefined => {
  if (isQuoted) return undefined;
  const word = name.toLowerCase();
  return word === 'id' ? 'id(n)' : word === 'label' ? LABEL : undefined;
};

/** A node with several labels has all of them in one text, in their order. */
const LABEL = "reduce(text = head(labels(n)), label IN tail(labels(n)) | text + ':' + label)";

/** The page of those that pass, by id. */
export async function nodesById(
  inside: StatementCall,
  source: NodeSource,
  { limit, offset }: Find,
): Promise<readonly Node[]> {
  const { text, parameters } = source.pattern();
  const { rows } = await askCypher(
    inside,
    `${text} WITH DISTINCT id(n) AS id ORDER BY id SKIP ${parameters.add(offset)} LIMIT ${parameters.add(limit)}
     MATCH (m) WHERE id(m) = id RETURN m ORDER BY id`,
    parameters.values,
  );
  return rows.map(([node]) => node).filter((node) => node instanceof Node);
}

/** The nodes of these ids. */
export async function nodesOfIds(
  inside: StatementCall,
  ids: readonly bigint[],
): Promise<ReadonlyMap<bigint, Node>> {
  if (ids.length === 0) return new Map();
  const { rows } = await askCypher(inside, 'MATCH (n) WHERE id(n) IN $ids RETURN n', { ids });
  return new Map(rows.flatMap(([node]) => (node instanceof Node ? [[node.id, node]] : [])));
}

/** @param fields undefined: the label and all properties */
export function foundNode(node: Node, fields: readonly Name[] | undefined, score?: number): Found {
  const shown: Record<string, string> = { label: node.labels.join(':'), ...propertyTexts(node.properties) };
  const id = String(node.id);
  return {
    entityType: 'graph',
    key: id,
    fields: chosen({ id, ...shown }, fields, shown),
    ...(score === undefined ? {} : { score }),
  };
}
