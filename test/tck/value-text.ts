/**
 * Values by their looks: what a table can say of a value, and one spelling for it. Two texts are the same exactly for
 * equivalent values: null is null, NaN is NaN, `1` is not `1.0`, entities are their labels, type and properties.
 */
import { Node, Path, Point, Relationship, type Value } from '../../src/cypher/values/value.ts';
import type {
  Expected,
  ExpectedMap,
  ExpectedNode,
  ExpectedPathStep,
  ExpectedRelationship,
} from './literals.ts';
import { isTemporal, temporalText } from './temporal-text.ts';

export function describeValue(value: Value): Expected {
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean', value };
    case 'bigint':
      return { kind: 'integer', value };
    case 'number':
      return { kind: 'float', value };
    case 'string':
      return { kind: 'string', value };
  }
  if (value === null) return { kind: 'null' };
  if (value instanceof Node) return describeNode(value);
  if (value instanceof Relationship) return describeRelationship(value);
  if (value instanceof Path) return describePath(value);
  if (value instanceof Map) return { kind: 'map', entries: describeMap(value) };
  if (Array.isArray(value)) return { kind: 'list', items: value.map(describeValue) };
  if (value instanceof Point)
    return { kind: 'string', value: `point(${value.srid}: ${value.coordinates.join(', ')})` };
  if (typeof value === 'object' && isTemporal(value)) return { kind: 'string', value: temporalText(value) };
  throw new TypeError(`the engine returned what is no value of Cypher: ${String(value)}`);
}

const describeMap = (map: ReadonlyMap<string, Value>): ExpectedMap =>
  new Map([...map].map(([key, value]) => [key, describeValue(value)]));

const describeNode = (node: Node): ExpectedNode => ({
  kind: 'node',
  labels: [...node.labels].sort(),
  properties: describeMap(node.properties),
});

const describeRelationship = (relationship: Relationship): ExpectedRelationship => ({
  kind: 'relationship',
  type: relationship.type,
  properties: describeMap(relationship.properties),
});

function describePath(path: Path): Expected {
  const [start, ...others] = path.nodes;
  if (start === undefined || others.length !== path.relationships.length) {
    throw new TypeError(
      `a path of ${path.nodes.length} nodes and ${path.relationships.length} relationships`,
    );
  }
  let from = start;
  const steps: ExpectedPathStep[] = others.map((node, index) => {
    const relationship = path.relationships[index];
    if (relationship === undefined) throw new TypeError('a path with a gap');
    const forward = relationship.startId === from.id && relationship.endId === node.id;
    if (!forward && (relationship.endId !== from.id || relationship.startId !== node.id)) {
      throw new TypeError(`step ${index + 1} of a path does not lead from its node to the next`);
    }
    from = node;
    return { relationship: describeRelationship(relationship), forward, node: describeNode(node) };
  });
  return { kind: 'path', start: describeNode(start), steps };
}

const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** The literal of a value, in one spelling. */
export function textOf(value: Expected, listsInAnyOrder = false): string {
  const text = (inner: Expected): string => textOf(inner, listsInAnyOrder);
  const map = (entries: ExpectedMap): string =>
    `{${[...entries]
      .map(([key, inner]) => `${nameText(key)}: ${text(inner)}`)
      .sort()
      .join(', ')}}`;
  const properties = (entries: ExpectedMap): string => (entries.size === 0 ? '' : ` ${map(entries)}`);
  const node = ({ labels, properties: entries }: ExpectedNode): string =>
    `(${labels.map((label) => `:${nameText(label)}`).join('')}${properties(entries)})`;
  const relationship = ({ type, properties: entries }: ExpectedRelationship): string =>
    `[:${nameText(type)}${properties(entries)}]`;

  switch (value.kind) {
    case 'null':
      return 'null';
    case 'boolean':
    case 'integer':
      return String(value.value);
    case 'float':
      return floatText(value.value);
    case 'string':
      return `'${value.value.replace(/['\\]/g, '\\$&')}'`;
    case 'list': {
      const items = value.items.map(text);
      return `[${(listsInAnyOrder ? items.sort() : items).join(', ')}]`;
    }
    case 'map':
      return map(value.entries);
    case 'node':
      return node(value);
    case 'relationship':
      return relationship(value);
    case 'path':
      return `<${node(value.start)}${value.steps
        .map((step) => {
          const middle = relationship(step.relationship);
          return `${step.forward ? `-${middle}->` : `<-${middle}-`}${node(step.node)}`;
        })
        .join('')}>`;
  }
}

const nameText = (name: string): string =>
  PLAIN_NAME.test(name) ? name : `\`${name.replaceAll('`', '``')}\``;

/** With a dot or an exponent always, and one zero for both signs, which are equal. */
function floatText(value: number): string {
  if (value === 0) return '0.0';
  const text = String(value);
  if (text === 'Infinity') return 'Inf';
  if (text === '-Infinity') return '-Inf';
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
