/** Commands on tables: what each says, and how the wrong ones are refused. */
import { describe, expect, test } from 'vitest';
import { asFacetError, FacetError } from '../../../base/index.ts';
import { typeText } from '../declared/index.ts';
import { parseTableCommand } from './parse-table-command.ts';
import type { TableCommand } from './table-command.ts';

/** Types as texts, which are shorter to compare. */
const read = (text: string): unknown =>
  JSON.parse(
    JSON.stringify(parseTableCommand(text), (key, value) => (key === 'type' ? typeText(value) : value)),
  );

const fault = (text: string): string => {
  try {
    parseTableCommand(text);
  } catch (thrown) {
    const { code, message } = asFacetError(thrown);
    return `${code}: ${message}`;
  }
  throw new Error(`no error: ${text}`);
};

describe('CREATE NODE TABLE', () => {
  test('with columns, defaults and a key', () => {
    expect(
      read(
        'create node table if not exists `My Person` (id INT64, name VARCHAR, age int32 DEFAULT -1, tags STRING[] default ["a", \'b)\'], f FLOAT[3], price DECIMAL(18, 3), PRIMARY KEY(id));',
      ),
    ).toEqual({
      kind: 'create-node-table',
      name: 'My Person',
      ifNotExists: true,
      primaryKey: 'id',
      columns: [
        { name: 'id', type: 'INT64' },
        { name: 'name', type: 'STRING' },
        { name: 'age', type: 'INT32', default: '-1' },
        { name: 'tags', type: 'STRING[]', default: '["a", \'b)\']' },
        { name: 'f', type: 'FLOAT[3]' },
        { name: 'price', type: 'DECIMAL(18, 3)' },
      ],
    });
  });

  test('with the key behind its column, and comments', () => {
    expect(
      read('CREATE NODE TABLE T ( // keys\n id SERIAL PRIMARY KEY, d DATE /* day */ DEFAULT current_date())'),
    ).toMatchObject({
      primaryKey: 'id',
      columns: [
        { name: 'id', type: 'SERIAL' },
        { name: 'd', type: 'DATE', default: 'current_date()' },
      ],
    });
    expect(read('CREATE NODE TABLE T(a INT64 DEFAULT 0 PRIMARY KEY)')).toMatchObject({
      primaryKey: 'a',
      columns: [{ name: 'a', default: '0' }],
    });
  });

  test.each([
    ['CREATE NODE TABLE T(id INT64)', /^INVALID_CYPHER: Parser exception: Can not find primary key/],
    [
      'CREATE NODE TABLE T(id INT64, PRIMARY KEY(x))',
      /^COLUMN_NOT_FOUND: Binder exception: Primary key x does not match/,
    ],
    [
      'CREATE NODE TABLE T(id INT64, id STRING, PRIMARY KEY(id))',
      /^DUPLICATE_COLUMN: .*Duplicated column name: id/,
    ],
    [
      'CREATE NODE TABLE T(_id INT64, PRIMARY KEY(_id))',
      /^DUPLICATE_COLUMN: .*internal reserved propertyName/,
    ],
    ['CREATE NODE TABLE T(id INT65, PRIMARY KEY(id))', /^INVALID_TYPE: Catalog exception: INT65 is neither/],
    ['CREATE NODE TABLE T(id INT64[], PRIMARY KEY(id))', /^INVALID_TYPE: .*Invalid primary key column type/],
    [
      'CREATE NODE TABLE T(id INT64, s STRUCT(a INT64), PRIMARY KEY(id))',
      /^FEATURE_NOT_SUPPORTED: A column of type STRUCT/,
    ],
    ['CREATE NODE TABLE T(id INT64, m INT64[][], PRIMARY KEY(id))', /Lists of lists/],
    ['CREATE NODE TABLE T(id INT64, PRIMARY KEY(id)', /expected ',', found the end/],
    [
      'CREATE NODE TABLE T(id INT64 PRIMARY KEY) x',
      /expected the end of the command, found 'x' \(line: 1, offset: 42\)/,
    ],
    ['CREATE NODE TABLE T AS MATCH (n) RETURN n', /^FEATURE_NOT_SUPPORTED: CREATE … TABLE … AS/],
    ['CREATE NODE TABLE ``(id INT64 PRIMARY KEY)', /the name of a table cannot be ""/],
  ])('%s is refused', (text, message) => {
    expect(fault(text)).toMatch(message);
  });
});

describe('CREATE REL TABLE', () => {
  test('between one pair or several', () => {
    expect(read('CREATE REL TABLE Knows(FROM Person TO Person, since INT64, MANY_ONE)')).toEqual({
      kind: 'create-rel-table',
      name: 'Knows',
      ifNotExists: false,
      connections: [{ from: 'Person', to: 'Person' }],
      columns: [{ name: 'since', type: 'INT64' }],
      multiplicity: 'MANY_ONE',
    });
    expect(
      read('CREATE REL TABLE GROUP IF NOT EXISTS R(FROM A TO B, FROM A TO C, `from` STRING)'),
    ).toMatchObject({
      ifNotExists: true,
      connections: [
        { from: 'A', to: 'B' },
        { from: 'A', to: 'C' },
      ],
      columns: [{ name: 'from', type: 'STRING' }],
      multiplicity: 'MANY_MANY',
    });
    expect(read('CREATE REL TABLE R(FROM A TO B)')).toMatchObject({ columns: [] });
  });

  test('not twice between the same, and with no key', () => {
    expect(fault('CREATE REL TABLE R(FROM A TO B, FROM A TO B)')).toMatch(/duplicate FROM-TO pairs/);
    expect(fault('CREATE REL TABLE R(FROM A TO B, x INT64, PRIMARY KEY(x))')).toMatch(/no primary key/);
  });
});

test.each<[string, Partial<TableCommand> | Record<string, unknown>]>([
  ['DROP TABLE T', { kind: 'drop-table', name: 'T', ifExists: false }],
  ['DROP TABLE IF EXISTS T;', { ifExists: true }],
  [
    'ALTER TABLE T ADD age INT64',
    { change: { do: 'add-column', ifNotExists: false, column: { name: 'age', type: 'INT64' } } },
  ],
  [
    'ALTER TABLE T ADD IF NOT EXISTS age INT64 DEFAULT 3',
    { change: { do: 'add-column', ifNotExists: true, column: { name: 'age', type: 'INT64', default: '3' } } },
  ],
  ['ALTER TABLE T DROP IF EXISTS age', { change: { do: 'drop-column', column: 'age', ifExists: true } }],
  ['ALTER TABLE T RENAME TO U', { change: { do: 'rename-table', to: 'U' } }],
  ['ALTER TABLE T RENAME a TO b', { change: { do: 'rename-column', column: 'a', to: 'b' } }],
  ['ALTER TABLE T RENAME to TO b', { change: { do: 'rename-column', column: 'to', to: 'b' } }],
  [
    'ALTER TABLE R ADD FROM A TO B',
    { change: { do: 'add-connection', connection: { from: 'A', to: 'B' }, ifNotExists: false } },
  ],
  [
    'ALTER TABLE R DROP FROM A TO B',
    { change: { do: 'drop-connection', connection: { from: 'A', to: 'B' }, ifExists: false } },
  ],
  ["COMMENT ON TABLE T IS 'it''s'", { kind: 'comment', name: 'T' }],
  [
    "CALL table_info('T') RETURN name ORDER BY name;",
    { kind: 'call', call: 'table_info', argument: 'T', tail: 'RETURN name ORDER BY name' },
  ],
])('%s', (text, wanted) => {
  // A doubled quote ends one string and begins another, as in Cypher.
  if (text.includes("''")) expect(fault(text)).toMatch(/expected the end of the command/);
  else expect(read(text)).toMatchObject(wanted);
});

describe('COPY', () => {
  const CSV = { delimiter: ',', quote: '"', skip: 0, nullTexts: [''] };

  test('from files, with options', () => {
    expect(read("COPY T FROM 'a.csv'")).toEqual({
      kind: 'copy-from',
      name: 'T',
      source: { kind: 'files', names: ['a.csv'] },
      csv: CSV,
    });
    expect(
      read(
        `COPY T(b, a) FROM ["a.csv", "b.csv"] (HEADER=true, DELIM='|', quote = '\\'', ESCAPE='\\\\', SKIP=2, NULL_STRINGS=['', 'NA'], PARALLEL=FALSE)`,
      ),
    ).toMatchObject({
      columns: ['b', 'a'],
      source: { kind: 'files', names: ['a.csv', 'b.csv'] },
      csv: { header: true, delimiter: '|', quote: "'", escape: '\\', skip: 2, nullTexts: ['', 'NA'] },
    });
    expect(read("COPY R FROM 'a.csv' (HEADER, FROM='A', TO='B')")).toMatchObject({
      between: { from: 'A', to: 'B' },
      csv: { header: true },
    });
  });

  test('from a query or a parameter', () => {
    expect(
      read('COPY T FROM (MATCH (n:U) WHERE n.x IN [1, (2)] RETURN n.id, ")") (HEADER=false)'),
    ).toMatchObject({
      source: { kind: 'query', text: 'MATCH (n:U) WHERE n.x IN [1, (2)] RETURN n.id, ")"' },
    });
    expect(read('COPY T FROM (RETURN 1)')).toMatchObject({ source: { text: 'RETURN 1' } });
    expect(read('COPY T FROM $rows')).toMatchObject({ source: { kind: 'parameter', name: 'rows' } });
  });

  test.each([
    ["COPY (MATCH (n) RETURN n) TO 'x.csv'", /^FEATURE_NOT_SUPPORTED: COPY … TO/],
    ["COPY T TO 'x.csv'", /^FEATURE_NOT_SUPPORTED: COPY … TO/],
    ["COPY T FROM 'x.parquet'", /^FEATURE_NOT_SUPPORTED: COPY from parquet files/],
    ["COPY T FROM 'x*.csv'", /^FEATURE_NOT_SUPPORTED: Patterns of file names/],
    ["COPY T FROM 'x.csv' (IGNORE_ERRORS=true)", /^FEATURE_NOT_SUPPORTED: The option IGNORE_ERRORS/],
    ["COPY T FROM 'x.csv' (WHATEVER=true)", /Unrecognized csv parsing option: WHATEVER/],
    ["COPY T FROM 'x.csv' (DELIM='||')", /must be a single character/],
    ["COPY T FROM (LOAD FROM 'x.csv' RETURN *)", /^FEATURE_NOT_SUPPORTED: LOAD FROM/],
    ["COPY T(a, a) FROM 'x.csv'", /A column is named twice/],
    ['COPY T FROM x', /expected a file, a parameter or a query in parentheses, found 'x'/],
    ['COPY T FROM (RETURN 1', /The parenthesis is not closed/],
  ])('%s is refused', (text, message) => {
    expect(fault(text)).toMatch(message);
  });
});

test.each([
  ["LOAD FROM 'a.csv' RETURN *", /^FEATURE_NOT_SUPPORTED: LOAD FROM is not offered here$/],
  ['INSTALL json', /^FEATURE_NOT_SUPPORTED: INSTALL/],
  ['CREATE SEQUENCE s', /^FEATURE_NOT_SUPPORTED: CREATE SEQUENCE/],
  ['CALL threads = 4', /^FEATURE_NOT_SUPPORTED: There is no setting threads here$/],
  [
    'DROP TABLE',
    /^INVALID_CYPHER: Parser exception: Invalid input: expected the name of a table, found the end/,
  ],
  ["DROP TABLE 'x", /The string is not closed/],
])('%s is refused by name', (text, message) => {
  expect(fault(text)).toMatch(message);
});

test('any text is read to its end or refused, and nothing else happens', () => {
  const words =
    "CREATE NODE TABLE REL GROUP IF NOT EXISTS T id INT64 STRING [ ] ( ) , PRIMARY KEY DEFAULT 'x' -1 $p FROM TO A MANY_ONE DROP ALTER ADD RENAME COPY HEADER = ; `q` 3 CALL show_tables YIELD * COMMENT ON IS DECIMAL 1.5 /* \" \\".split(
      ' ',
    );
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const begins = [
    'CREATE NODE TABLE T(',
    'CREATE REL TABLE R(FROM A TO B',
    'ALTER TABLE T ',
    'COPY T FROM ',
    'COPY T (',
    'CALL show_tables(',
    '',
  ];
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    let text = begins[random(begins.length)] ?? '';
    for (let count = random(12); count > 0; count--) text += ` ${words[random(words.length)]}`;
    try {
      parseTableCommand(text);
    } catch (thrown) {
      if (!(thrown instanceof FacetError)) throw new Error(`${text}: ${String(thrown)}`);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(10_000);
  expect(refused).toBeLessThan(20_000);
});
