/**
 * Values as text: the string that toString() and concatenation give, and literals as one would write them in a query
 * or in a table of results. Reading text is the parser's part.
 */
import { runtimeTypeError } from '../cypher-error.ts';
import { formatTemporal } from '../temporal/format.ts';
import { floatLiteral, floatText } from './float-text.ts';
import { checkDepth, isList, isMap, isTemporal } from './kinds.ts';
import { pointLiteral } from './point-text.ts';
import { typeName } from './type-name.ts';
import { type MapValue, Node, type Path, Point, Relationship, type Value } from './value.ts';

/**
 * toString() of a scalar, a temporal value or a point: `1`, `1.0`, `1.0E10`, `true`, `2015-07-21`. A string is itself.
 * @throws TypeError InvalidArgumentValue for lists, maps, entities, paths and null (which callers handle before)
 */
export function toText(value: Value): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'number':
      return floatText(value);
  }
  if (value instanceof Point) return pointLiteral(value);
  if (isTemporal(value)) return formatTemporal(value);
  throw runtimeTypeError(
    'InvalidArgumentValue',
    `${shown(value)} has no text form: toString() takes scalars`,
  );
}

/**
 * The value as a literal, in the notation of the TCK's tables: `'text'`, `[1, 2.0, null]`, `{k: 'v'}`, `(:A:B {k: 1})`,
 * `[:T {k: 1}]`, `<(:A)-[:T]->(:B)>`, temporal values as quoted text. Entities show no identity.
 */
export const toLiteral = (value: Value): string => literal(value, Number.POSITIVE_INFINITY);

/** Enough of a value for a message to be recognised by. */
const SHOWN_CHARACTERS = 60;

/** Type and literal for messages, cut where it is long: `Integer 123`, `String 'abc'`, `List [1, 2, …`. */
export function shown(value: Value): string {
  if (value === null) return 'null';
  return `${typeName(value)} ${literal(value, SHOWN_CHARACTERS)}`;
}

/** What is written so far. Writing ends soon after the limit, however large the value is. */
interface Sheet {
  text: string;
  readonly charactersMax: number;
}

function literal(value: Value, charactersMax: number): string {
  const sheet: Sheet = { text: '', charactersMax };
  write(sheet, value, 0);
  return sheet.text.length > charactersMax ? `${sheet.text.slice(0, charactersMax)}…` : sheet.text;
}

function write(sheet: Sheet, value: Value, depth: number): void {
  if (sheet.text.length > sheet.charactersMax) return;
  checkDepth(depth);
  if (typeof value === 'string') sheet.text += quoted(value.slice(0, sheet.charactersMax));
  else if (typeof value === 'number') sheet.text += floatLiteral(value);
  else if (typeof value !== 'object' || value === null) sheet.text += String(value);
  else if (isList(value)) writeList(sheet, value, depth);
  else if (isMap(value)) writeMap(sheet, value, depth);
  else if (value instanceof Node) writeNode(sheet, value, depth);
  else if (value instanceof Relationship) writeRelationship(sheet, value, depth);
  else if (value instanceof Point) sheet.text += pointLiteral(value);
  else if (isTemporal(value)) sheet.text += `'${formatTemporal(value)}'`;
  else writePath(sheet, value, depth);
}

const ESCAPED = /[\\'\n\r\t]/g;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

const quoted = (text: string): string =>
  `'${text.replace(ESCAPED, (character) => ESCAPES.get(character) ?? character)}'`;

const PLAIN_NAME = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u;

/** As it stands where it can, else in backticks. */
const name = (text: string): string => (PLAIN_NAME.test(text) ? text : `\`${text.replaceAll('`', '``')}\``);

function writeList(sheet: Sheet, list: readonly Value[], depth: number): void {
  sheet.text += '[';
  for (const [i, element] of list.entries()) {
    if (i > 0) sheet.text += ', ';
    if (sheet.text.length > sheet.charactersMax) return;
    write(sheet, element, depth + 1);
  }
  sheet.text += ']';
}

function writeMap(sheet: Sheet, map: MapValue, depth: number): void {
  sheet.text += '{';
  let isFirst = true;
  for (const [key, value] of map) {
    sheet.text += `${isFirst ? '' : ', '}${name(key)}: `;
    if (sheet.text.length > sheet.charactersMax) return;
    write(sheet, value, depth + 1);
    isFirst = false;
  }
  sheet.text += '}';
}

function writeNode(sheet: Sheet, node: Node, depth: number): void {
  const labels = node.labels.map((label) => `:${name(label)}`).join('');
  sheet.text += `(${labels}`;
  if (node.properties.size > 0) {
    if (labels !== '') sheet.text += ' ';
    writeMap(sheet, node.properties, depth + 1);
  }
  sheet.text += ')';
}

function writeRelationship(sheet: Sheet, relationship: Relationship, depth: number): void {
  sheet.text += `[:${name(relationship.type)}`;
  if (relationship.properties.size > 0) {
    sheet.text += ' ';
    writeMap(sheet, relationship.properties, depth + 1);
  }
  sheet.text += ']';
}

function writePath(sheet: Sheet, path: Path, depth: number): void {
  sheet.text += '<';
  for (const [i, node] of path.nodes.entries()) {
    const relationship = path.relationships[i - 1];
    if (relationship !== undefined) {
      const isForward = relationship.endId === node.id;
      sheet.text += isForward ? '-' : '<-';
      writeRelationship(sheet, relationship, depth);
      sheet.text += isForward ? '->' : '-';
    }
    if (sheet.text.length > sheet.charactersMax) return;
    writeNode(sheet, node, depth);
  }
  sheet.text += '>';
}
