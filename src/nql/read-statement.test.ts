/** Which statement a text is, where it ends, and what is said of texts that are none. */
import { describe, expect, it } from 'vitest';
import { read, refuses } from '../../test/support/nql.ts';
import { LIMITS } from '../base/index.ts';
import { readStatement, STATEMENT_WORDS } from './read-statement.ts';
import { StatementError } from './statement-error.ts';
import { refusal } from './statements/refused.ts';

describe('a statement', () => {
  it.each([
    'SHOW TABLES',
    'show Tables;',
    ' ;; SHOW /* a /* nested */ comment */ TABLES -- and another\n ; ',
    '\ufeffSHOW\u00a0TABLES',
  ])('%j', (text) => {
    expect(read(text)).toEqual({ kind: 'show-tables' });
  });

  it.each([
    ['', 'The statement is empty, at line 1, column 1 ><'],
    [' ; -- nothing\n', 'The statement is empty, at line 2, column 1 ><'],
    ['{', "Unexpected '{' at line 1, column 1: expected a statement >{<"],
    ['NOED CREATE x', "Unknown statement 'NOED', at line 1, column 1 >NOED< (Did you mean NODE?)"],
    ['\n  selct 1', "Unknown statement 'selct', at line 2, column 3 >selct< (Did you mean SELECT?)"],
    ['SIMILIAR [1]', "Unknown statement 'SIMILIAR', at line 1, column 1 >SIMILIAR< (Did you mean SIMILAR?)"],
    [
      'hello world',
      "Unknown statement 'hello', at line 1, column 1 >hello< (The reference of the query language lists all statements.)",
    ],
    [
      `${'x'.repeat(100)} y`,
      `Unknown statement '${'x'.repeat(39)}…', at line 1, column 1 >${'x'.repeat(100)}< (The reference of the query language lists all statements.)`,
    ],
    ['constructor', "Unknown statement 'constructor', at line 1, column 1 >constructor<"],
    [
      'SHOW TABLES garbage',
      "Unexpected 'garbage' at line 1, column 13: expected the end of the statement >garbage<",
    ],
    [
      'SHOW TABLES; SHOW TABLES',
      "Unexpected 'SHOW' at line 1, column 14: expected the end of the statement >SHOW< (A request holds one statement.)",
    ],
    ['SHOW TABLES;;', "Unexpected ';' at line 1, column 13: expected the end of the statement >;<"],
    ["SHOW TABLES 'a", `The string is not closed, at line 1, column 13 >'a< (Close it with '.)`],
    ['SHOW TABLES /* a', 'The comment is not closed, at line 1, column 13 >/* a< (Close it with */.)'],
    ['GRAPH PAGERNK', 'Did you mean PAGERANK?'],
    [
      'SHOW EMBEDINGS',
      "Unexpected 'EMBEDINGS' at line 1, column 6: expected TABLES, EMBEDDINGS or VECTOR >EMBEDINGS< (Did you mean EMBEDDINGS?)",
    ],
  ])('%j is none', (text, message) => {
    expect(refuses(text)).toContain(message);
  });

  it('has a code and a place', () => {
    const error = errorOf('SHOW\n TABELS');
    expect(error).toMatchObject({
      code: 'INVALID_STATEMENT',
      kind: 'invalid',
      line: 2,
      column: 2,
      position: 7,
    });
    expect(error.expected).toBe('TABLES, EMBEDDINGS or VECTOR');
  });

  it('begins with a known word', () => {
    expect(STATEMENT_WORDS).toContain('FIND');
    expect(STATEMENT_WORDS).toContain('SELECT');
    expect(new Set(STATEMENT_WORDS).size).toBe(STATEMENT_WORDS.length);
  });
});

describe('the bounds', () => {
  const whole = (bytes: number): string => `CACHE PUT k '${'x'.repeat(bytes - 14)}'`;

  it('take a statement of just the size and no more', () => {
    const text = whole(LIMITS.nqlTextBytesMax);
    expect(Buffer.byteLength(text)).toBe(LIMITS.nqlTextBytesMax);
    expect(readStatement(text)).toMatchObject({ kind: 'cache-put' });
    const error = errorOf(`${text} `);
    expect(error.code).toBe('PAYLOAD_TOO_LARGE');
    expect(error.message).toContain('1048576 bytes (nqlTextBytesMax)');
    expect(errorOf(`CACHE PUT k '${'\u20ac'.repeat(400_000)}'`).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it.each([
    ['conditions', (levels: number) => `FIND NODE WHERE ${'('.repeat(levels)}a = 1${')'.repeat(levels)}`],
    ['negations', (levels: number) => `FIND NODE WHERE ${'NOT '.repeat(levels)}a = 1`],
    ['lists', (levels: number) => `NODE CREATE a { x: ${'['.repeat(levels)}${']'.repeat(levels)} }`],
  ])('name the depth of %s', (_name, text) => {
    expect(readStatement(text(LIMITS.nqlDepthMax)).kind).toMatch(/find|node-create/);
    const error = errorOf(text(LIMITS.nqlDepthMax + 1));
    expect(error.code).toBe('LIMIT_EXCEEDED');
    expect(error.message).toContain('deeper than 100 levels (nqlDepthMax), at line 1');
    expect(errorOf(text(250_000)).code).toBe('LIMIT_EXCEEDED');
  });

  it('let chains be long', () => {
    const chain = `FIND NODE WHERE ${'a = 1 OR b = 2 AND '.repeat(20_000)}c = 3`;
    expect(readStatement(chain)).toMatchObject({ condition: { kind: 'or', parts: { length: 20_001 } } });
  });

  it.each([
    [
      'BATCH DELETE NODES',
      `BATCH DELETE NODES [${'1,'.repeat(10_000)}1]`,
      'more than 10000 items (nqlListItemsMax)',
    ],
    ['IN', `FIND NODE WHERE a IN (${'1,'.repeat(10_000)}1)`, 'more than 10000 items (nqlListItemsMax)'],
    ['vectors', `SIMILAR [${'1,'.repeat(16_000)}1]`, 'more than 16000 items (nqlVectorComponentsMax)'],
    [
      'bare vectors',
      `EMBED k ${'1,'.repeat(16_000)}1`,
      'more than 16000 components (nqlVectorComponentsMax)',
    ],
  ])('name the length of %s', (_name, text, message) => {
    const error = errorOf(text);
    expect(error.code).toBe('LIMIT_EXCEEDED');
    expect(error.message).toContain(message);
  });

  // Each would take minutes if anything were looked at twice for each character.
  it.each([
    ['digits', `NODE CREATE a { x: ${'9'.repeat(1_000_000)} }`, 'does not fit into an integer'],
    ['comments', `${'/*'.repeat(500_000)}`, 'comment is not closed'],
    ['quotes', `NODE CREATE ${"''".repeat(499_999)}'`, 'string is not closed'],
    ['lines', `${'\n'.repeat(1_000_000)}x`, 'line 1000001'],
    ['brackets', `NODE CREATE a { x: ${'['.repeat(1_000_000)}`, 'nqlDepthMax'],
    ['exponents', `SIMILAR [1${'0'.repeat(1_000_000)}.5]`, 'too large for a number'],
    ['words', `${'a'.repeat(1_000_000)}`, 'Unknown statement'],
    ['dollars', 'SELECT $a$ $b$ '.repeat(60_000), ''],
  ])('are met by a megabyte of %s in time', (_name, text, message) => {
    if (message === '') expect(readStatement(text).kind).toBe('sql');
    else expect(errorOf(text).message).toContain(message);
  });
});

describe('what is not served', () => {
  it.each([
    ['BEGIN', 'BEGIN'],
    ['begin chain transaction', 'BEGIN CHAIN'],
    ['COMMIT', 'COMMIT'],
    ['COMMIT CHAIN', 'COMMIT CHAIN'],
    ['ROLLBACK', 'ROLLBACK'],
    ['ROLLBACK CHAIN TO 3', 'ROLLBACK CHAIN'],
    ['ROLLBACK TO SAVEPOINT a', 'ROLLBACK TO SAVEPOINT'],
    ['SAVEPOINT a', 'SAVEPOINT'],
    ['CHAIN BEGIN', 'CHAIN'],
    ['CHAIN SIMILAR [1, 2] LIMIT 3', 'CHAIN'],
    ["SHOW CODEBOOK LOCAL 'x'", 'SHOW CODEBOOK'],
    ['ANALYZE CODEBOOK TRANSITIONS', 'ANALYZE CODEBOOK'],
    ["CLUSTER CONNECT 'a:1'", 'CLUSTER CONNECT'],
    ['CLUSTER DISCONNECT', 'CLUSTER DISCONNECT'],
    ['MATCH (n) RETURN n', 'MATCH'],
    ['OPTIONAL MATCH (n) RETURN n', 'OPTIONAL'],
    ['MERGE (n:a) RETURN n', 'MERGE (…)'],
    ['CREATE (n:a {x: $p})', 'CREATE (…)'],
    ['DETACH DELETE n', 'DETACH'],
    ['GRAPH PATTERN MATCH (a)-[:b]->(c)', 'GRAPH PATTERN'],
    ["BLOB PUT 'a' FROM '/etc/passwd'", 'BLOB PUT … FROM'],
    ["BLOB GET 'a' TO '/tmp/x'", 'BLOB GET … TO'],
    ['EDGE CREATE 1 -> 2 knows UNDIRECTED', 'EDGE CREATE … UNDIRECTED'],
  ])('%s is refused by name', (text, name) => {
    const statement = readStatement(text);
    if (statement.kind !== 'refused') expect.fail(`${text} is read as ${statement.kind}`);
    expect(statement.name).toBe(name);
    const error = refusal(statement, text);
    expect(error.code).toBe('FEATURE_NOT_SUPPORTED');
    expect(error.message).toMatch(/ is not supported: .+, at line 1, column \d+$/);
    expect(error.hint).toMatch(/\.$/);
  });

  it('does not take what only begins alike', () => {
    expect(readStatement("ROLLBACK TO 'x'").kind).toBe('checkpoint-restore');
    expect(readStatement('MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE').kind).toBe('sql');
    expect(readStatement('ANALYZE t').kind).toBe('sql');
    expect(readStatement('CLUSTER NODES').kind).toBe('cluster-nodes');
  });
});

function errorOf(text: string): StatementError {
  try {
    readStatement(text);
  } catch (error) {
    if (error instanceof StatementError) return error;
    throw error;
  }
  return expect.fail('it is not refused');
}
