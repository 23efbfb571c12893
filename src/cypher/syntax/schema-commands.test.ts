/** Commands that create, drop and show indexes and constraints. */
import { describe, expect, it } from 'vitest';
import { parse } from './parse.ts';

const command = (text: string): unknown => parse(text).body;

describe('CREATE INDEX', () => {
  it('in its short form', () => {
    const text = 'CREATE INDEX FOR (n:L) ON (n.p, n.q)';
    expect(command(`${text};`)).toEqual({
      kind: 'create-index',
      name: undefined,
      ifNotExists: false,
      type: 'RANGE',
      entity: 'node',
      label: 'L',
      properties: ['p', 'q'],
      span: { start: 0, end: text.length },
    });
  });

  it('on all nodes, or all relationships', () => {
    expect(command('CREATE INDEX FOR (n) ON (n.p)')).toMatchObject({ entity: 'node', label: '' });
    expect(command('CREATE INDEX i FOR ()-[r]-() ON (r.p)')).toMatchObject({
      entity: 'relationship',
      label: '',
    });
    expect(command('CREATE CONSTRAINT FOR (n) REQUIRE n.p IS UNIQUE')).toMatchObject({
      label: '',
      requires: 'UNIQUE',
    });
  });

  it('with a name, a type and a guard', () => {
    expect(command('create text index `my index` if not exists for ()-[r:T]->() on (r.p)')).toMatchObject({
      name: 'my index',
      ifNotExists: true,
      type: 'TEXT',
      entity: 'relationship',
      label: 'T',
      properties: ['p'],
    });
    expect(command('CREATE POINT INDEX IF NOT EXISTS FOR (n:L) ON (n.p)')).toMatchObject({
      name: undefined,
      type: 'POINT',
    });
    expect(command('CREATE INDEX for FOR (n:L) ON (n.p)')).toMatchObject({ name: 'for' });
    expect(command('CREATE FULLTEXT INDEX i FOR (n:L) ON EACH [n.p, n.q]')).toMatchObject({
      type: 'FULLTEXT',
      properties: ['p', 'q'],
    });
    expect(command('CREATE LOOKUP INDEX FOR (n) ON EACH labels(n)')).toMatchObject({
      type: 'LOOKUP',
      label: '',
    });
    expect(command('CREATE LOOKUP INDEX FOR ()-[r]-() ON type(r)')).toMatchObject({
      entity: 'relationship',
      properties: [],
    });
  });
});

describe('CREATE CONSTRAINT', () => {
  it.each([
    ['n.p IS UNIQUE', { requires: 'UNIQUE', properties: ['p'] }],
    ['(n.p, n.q) IS UNIQUE', { requires: 'UNIQUE', properties: ['p', 'q'] }],
    ['(n.p) IS NODE UNIQUE', { requires: 'UNIQUE', properties: ['p'] }],
    ['n.p IS NOT NULL', { requires: 'NOT NULL', propertyType: undefined }],
    ['(n.p, n.q) IS NODE KEY', { requires: 'KEY', properties: ['p', 'q'] }],
    ['n.p IS KEY', { requires: 'KEY' }],
    ['n.p IS :: STRING', { requires: 'TYPE', propertyType: 'STRING' }],
    ['n.p IS TYPED int', { requires: 'TYPE', propertyType: 'INTEGER' }],
    ['n.p IS :: LIST<VARCHAR NOT NULL>', { requires: 'TYPE', propertyType: 'LIST<STRING>' }],
    ['n.p IS :: ZONED DATETIME | TIME WITHOUT TIMEZONE', { propertyType: 'ZONED DATETIME | LOCAL TIME' }],
  ])('that %s', (requirement, expected) => {
    expect(command(`CREATE CONSTRAINT FOR (n:L) REQUIRE ${requirement}`)).toMatchObject({
      kind: 'create-constraint',
      name: undefined,
      entity: 'node',
      label: 'L',
      ...expected,
    });
  });

  it('on a relationship', () => {
    expect(
      command('CREATE CONSTRAINT c IF NOT EXISTS FOR ()<-[r:T]-() REQUIRE r.p IS RELATIONSHIP KEY'),
    ).toMatchObject({
      name: 'c',
      ifNotExists: true,
      entity: 'relationship',
      label: 'T',
      requires: 'KEY',
    });
  });
});

describe('DROP and SHOW', () => {
  it.each([
    ['DROP INDEX i', { kind: 'drop-index', name: 'i', ifExists: false }],
    ['DROP CONSTRAINT `c d` IF EXISTS', { kind: 'drop-constraint', name: 'c d', ifExists: true }],
    ['SHOW INDEXES', { kind: 'show-indexes' }],
    ['show all index', { kind: 'show-indexes' }],
    ['SHOW CONSTRAINTS', { kind: 'show-constraints' }],
  ])('%s', (text, expected) => {
    expect(command(text)).toMatchObject(expected);
  });
});

describe('a command that is refused', () => {
  it.each([
    ['CREATE INDEX ON :L(p)', /older form with ON/],
    ['CREATE CONSTRAINT ON (n:L) ASSERT n.p IS UNIQUE', /older form with ON/],
    ['DROP INDEX ON :L(p)', /older form with ON/],
    ['CREATE INDEX FOR (n:) ON (n.p)', /a label or type/],
    ['CREATE INDEX FOR (n:``) ON (n.p)', /label or type is empty/],
    ['CREATE INDEX FOR (n:L) ON (m.p)', /'m' is not the variable/],
    ['CREATE INDEX FOR (n:L|M) ON (n.p)', /several labels is not supported/],
    ['CREATE VECTOR INDEX FOR (n:L) ON (n.p) OPTIONS {a: 1}', /OPTIONS .* is not supported/],
    ['CREATE CONSTRAINT FOR (n:L) REQUIRE n.p IS RELATIONSHIP KEY', /expected NODE KEY/],
    ['CREATE CONSTRAINT FOR (n:L) REQUIRE n.p IS :: FOO', /'FOO' is no type/],
    ['CREATE CONSTRAINT FOR (n:L) REQUIRE n.p', /expected IS/],
    ['CREATE INDEX FOR (n:L) ON (n.p) RETURN 1', /expected the end of the command/],
    ['CREATE DATABASE x', /CREATE DATABASE is not supported/],
    ['DROP USER x', /DROP USER is not supported/],
    ['SHOW DATABASES', /SHOW DATABASES is not supported/],
    ['SHOW INDEXES YIELD name', /SHOW with YIELD is not supported/],
    ['GRANT x', /GRANT is not supported/],
  ])('%s', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ type: 'SyntaxError', message: expect.stringMatching(message) }),
    );
  });
});
