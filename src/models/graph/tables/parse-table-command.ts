/**
 * Text -> command on tables, by the grammar of Kuzu and LadybugDB. Pure. Words count in any case, names as they are
 * written. What that grammar has and Facet has not is refused by name.
 */
import { FacetError, LIMITS } from '../../../base/index.ts';
import { CATALOG_CALLS, type CatalogCall } from './is-table-command.ts';
import { parseAlter } from './parse-alter.ts';
import { columnDefinitions, connections, multiplicity } from './parse-columns.ts';
import { parseCopy } from './parse-copy.ts';
import type { CallCatalog, CommentOnTable, DropTable, TableCommand } from './table-command.ts';
import { TokenReader } from './token-reader.ts';

/** First words of what is refused, and what to do instead. */
const REFUSED: readonly (readonly [words: readonly string[], instead: string])[] = [
  [['LOAD', 'FROM'], 'Store the file and COPY it into a table, or send rows as a parameter.'],
  [['LOAD'], 'There are no extensions to load.'],
  [['INSTALL'], 'There are no extensions to install.'],
  [['UNINSTALL'], 'There are no extensions.'],
  [['UPDATE', 'EXTENSION'], 'There are no extensions.'],
  [['ATTACH'], 'Namespaces are chosen by the connection.'],
  [['DETACH'], 'Namespaces are chosen by the connection.'],
  [['USE'], 'Namespaces are chosen by the connection.'],
  [['EXPORT'], 'Make a snapshot with `facet snapshot`.'],
  [['IMPORT'], 'Restore a snapshot with `facet restore`.'],
  [['CREATE', 'SEQUENCE'], 'Declare a column SERIAL, or use a property that is counted.'],
  [['DROP', 'SEQUENCE'], 'There are none.'],
  [['CREATE', 'MACRO'], 'Write the expression out.'],
  [['DROP', 'MACRO'], 'There are none.'],
  [['CREATE', 'TYPE'], 'Name the type itself.'],
  [['CREATE', 'RDFGRAPH'], 'Declare node and rel tables.'],
  [['CREATE', 'GRAPH'], 'Namespaces are chosen by the connection.'],
  [['DROP', 'GRAPH'], 'Namespaces are chosen by the connection.'],
  [['CHECKPOINT'], 'What is committed is durable.'],
];

/** @throws FacetError: INVALID_CYPHER (`Parser exception: …`), INVALID_TYPE, DUPLICATE_COLUMN, FEATURE_NOT_SUPPORTED */
export function parseTableCommand(text: string): TableCommand {
  const reader = new TokenReader(text);
  const command = commandOf(reader);
  if (command.kind !== 'call') reader.end();
  return command;
}

function commandOf(reader: TokenReader): TableCommand {
  if (reader.acceptWords('CREATE', 'NODE', 'TABLE')) return createNodeTable(reader);
  if (reader.acceptWords('CREATE', 'REL', 'TABLE')) return createRelTable(reader);
  if (reader.acceptWords('DROP', 'TABLE')) return dropTable(reader);
  if (reader.acceptWords('ALTER', 'TABLE')) return parseAlter(reader);
  if (reader.acceptWords('COMMENT', 'ON', 'TABLE')) return comment(reader);
  if (reader.acceptWords('COPY')) return parseCopy(reader);
  if (reader.acceptWords('CALL')) return call(reader);
  const refused = REFUSED.find(([words]) => words.every((word, at) => reader.isWord(word, at)));
  if (refused === undefined) throw reader.unexpected('a command on tables');
  throw new FacetError('FEATURE_NOT_SUPPORTED', `${refused[0].join(' ')} is not offered here`, {
    hint: refused[1],
  });
}

const ifNotExists = (reader: TokenReader): boolean => reader.acceptWords('IF', 'NOT', 'EXISTS');

function createNodeTable(reader: TokenReader): TableCommand {
  const isOptional = ifNotExists(reader);
  const name = reader.name('the name of a table');
  refuseAs(reader, name);
  reader.expect('(');
  const { columns, primaryKey } = columnDefinitions(reader, []);
  if (primaryKey === undefined) {
    throw reader.invalid(`Can not find primary key: write PRIMARY KEY behind a column of ${name}`);
  }
  return { kind: 'create-node-table', name, ifNotExists: isOptional, columns, primaryKey };
}

function createRelTable(reader: TokenReader): TableCommand {
  // The word says nothing that several pairs do not say.
  reader.acceptWords('GROUP');
  const isOptional = ifNotExists(reader);
  const name = reader.name('the name of a table');
  refuseAs(reader, name);
  reader.expect('(');
  const pairs = connections(reader);
  const { columns, primaryKey, words } = columnDefinitions(reader, ['MULTIPLICITY']);
  if (primaryKey !== undefined) throw reader.invalid(`A rel table has no primary key: ${name}`);
  return {
    kind: 'create-rel-table',
    name,
    ifNotExists: isOptional,
    connections: pairs,
    columns,
    multiplicity: multiplicity(words) ?? 'MANY_MANY',
  };
}

function refuseAs(reader: TokenReader, name: string): void {
  if (!reader.isWord('AS')) return;
  throw new FacetError('FEATURE_NOT_SUPPORTED', 'CREATE … TABLE … AS is not offered here', {
    hint: `Declare the columns of ${name}, then COPY ${name} FROM (…).`,
  });
}

function dropTable(reader: TokenReader): DropTable {
  const ifExists = reader.acceptWords('IF', 'EXISTS');
  return { kind: 'drop-table', ifExists, name: reader.name('the name of a table') };
}

function comment(reader: TokenReader): CommentOnTable {
  const name = reader.name('the name of a table');
  reader.expectWords('IS');
  const text = reader.string('a comment as a string');
  if (Buffer.byteLength(text) > LIMITS.graphCommentBytesMax) {
    throw reader.invalid(`A comment has at most ${LIMITS.graphCommentBytesMax} bytes (graphCommentBytesMax)`);
  }
  return { kind: 'comment', name, comment: text };
}

function call(reader: TokenReader): CallCatalog {
  const { text } = reader.token;
  const known = CATALOG_CALLS.find((one) => one === text.toLowerCase());
  if (known === undefined || reader.peek(1).symbol !== '(') {
    if (reader.peek(1).symbol !== '=') throw reader.unexpected('a function of the catalog');
    throw new FacetError('FEATURE_NOT_SUPPORTED', `There is no setting ${text} here`, {
      hint: 'Settings belong to the server; a timeout can be given with each request.',
    });
  }
  reader.advance();
  reader.expect('(');
  const argument = reader.token.kind === 'string' ? reader.advance().text : undefined;
  const from = reader.token.end;
  reader.expect(')');
  return {
    kind: 'call',
    call: known satisfies CatalogCall,
    argument,
    tail: reader.slice(from).replace(/;$/, ''),
  };
}
