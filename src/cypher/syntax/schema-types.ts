/** Types of properties in constraints: `STRING`, `LIST<INTEGER NOT NULL>`, `ZONED DATETIME`, `INTEGER | FLOAT`. */
import type { TokenStream } from './token-stream.ts';

/** Each spelling, with the one name it stands for. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['BOOL', 'BOOLEAN'],
  ['BOOLEAN', 'BOOLEAN'],
  ['VARCHAR', 'STRING'],
  ['STRING', 'STRING'],
  ['INT', 'INTEGER'],
  ['SIGNED INTEGER', 'INTEGER'],
  ['INTEGER', 'INTEGER'],
  ['FLOAT', 'FLOAT'],
  ['DATE', 'DATE'],
  ['LOCAL TIME', 'LOCAL TIME'],
  ['TIME WITHOUT TIMEZONE', 'LOCAL TIME'],
  ['ZONED TIME', 'ZONED TIME'],
  ['TIME WITH TIMEZONE', 'ZONED TIME'],
  ['LOCAL DATETIME', 'LOCAL DATETIME'],
  ['TIMESTAMP WITHOUT TIMEZONE', 'LOCAL DATETIME'],
  ['ZONED DATETIME', 'ZONED DATETIME'],
  ['TIMESTAMP WITH TIMEZONE', 'ZONED DATETIME'],
  ['DURATION', 'DURATION'],
  ['POINT', 'POINT'],
]);

const EXPECTED = 'a type such as STRING, INTEGER or LIST<STRING>';

/** The type, in upper case and one spelling. */
export function schemaType(stream: TokenStream): string {
  const alternatives = [oneType(stream)];
  while (stream.accept('|')) alternatives.push(oneType(stream));
  return alternatives.join(' | ');
}

function oneType(stream: TokenStream): string {
  const { start } = stream.token;
  if (stream.token.text.toUpperCase() === 'LIST' && stream.peek(1).symbol === '<') return listType(stream);
  const words: string[] = [];
  while (stream.token.kind === 'name' && words.length < 3) {
    // `NOT NULL` belongs to the items of a list, OPTIONS to the command.
    if (stream.isKeyword('NOT') || stream.isKeyword('OPTIONS')) break;
    words.push(stream.advance().text.toUpperCase());
  }
  if (words.length === 0) throw stream.unexpected(EXPECTED);
  const type = TYPES.get(words.join(' '));
  if (type !== undefined) return type;
  throw stream.invalid('UnexpectedSyntax', `'${words.join(' ')}' is no type of a property`, start);
}

/** `LIST<STRING NOT NULL>`; items of a stored list are never null, so that NOT NULL says nothing new. */
function listType(stream: TokenStream): string {
  stream.advance();
  stream.advance();
  const item = oneType(stream);
  if (item.startsWith('LIST')) throw stream.unsupported('A list of lists as a property');
  if (stream.acceptKeyword('NOT')) stream.expectKeyword('NULL');
  stream.expect('>');
  return `LIST<${item}>`;
}
