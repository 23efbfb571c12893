/** Requests by their bytes: what each message means, and what is refused in which way. */
import { describe, expect, it } from 'vitest';
import { decodeRequest, type Wire, wireOf } from './codec.ts';

const BOLT_5_7 = wireOf({ major: 5, minor: 7 });
const BOLT_5_0 = wireOf({ major: 5, minor: 0 });
const BOLT_4_4 = wireOf({ major: 4, minor: 4 });

const hexOf = (text: string): string => Buffer.from(text).toString('hex');
/** A short text as PackStream has it. */
const text = (value: string): string => {
  const size = Buffer.byteLength(value);
  return (size < 16 ? (0x80 + size).toString(16) : `d0${size.toString(16)}`) + hexOf(value);
};
const map = (...members: [key: string, hex: string][]): string =>
  `a${members.length.toString(16)}${members.map(([key, hex]) => text(key) + hex).join('')}`;
const read = (hex: string, wire: Wire = BOLT_5_7) =>
  decodeRequest(Buffer.from(hex.replaceAll(' ', ''), 'hex'), wire);

const EXTRA = {
  bookmarks: [],
  timeoutMs: undefined,
  metadata: undefined,
  mode: 'w',
  database: undefined,
  impersonatedUser: undefined,
  notifications: undefined,
};
const NOBODY = { scheme: 'none', principal: undefined, credentials: undefined, realm: undefined };

it.each([
  ['GOODBYE', 'b002', { kind: 'goodbye' }],
  ['RESET', 'b00f', { kind: 'reset' }],
  ['COMMIT', 'b012', { kind: 'commit' }],
  ['ROLLBACK', 'b013', { kind: 'rollback' }],
  ['LOGOFF', 'b06b', { kind: 'logoff' }],
  ['BEGIN', 'b111a0', { kind: 'begin', extra: EXTRA }],
  [
    'BEGIN with everything',
    `b111${map(
      ['bookmarks', `92${text('a')}${text('b')}`],
      ['tx_timeout', 'c903e8'],
      ['tx_metadata', map(['x', '01'])],
      ['mode', text('r')],
      ['db', text('neo4j')],
      ['imp_user', text('eve')],
      ['notifications_minimum_severity', text('WARNING')],
      ['notifications_disabled_classifications', `91${text('HINT')}`],
    )}`,
    {
      kind: 'begin',
      extra: {
        bookmarks: ['a', 'b'],
        timeoutMs: 1_000,
        metadata: new Map([['x', 1n]]),
        mode: 'r',
        database: 'neo4j',
        impersonatedUser: 'eve',
        notifications: { minimumSeverity: 'WARNING', disabled: ['HINT'] },
      },
    },
  ],
  ['BEGIN with nulls', `b111${map(['db', 'c0'], ['bookmarks', 'c0'])}`, { kind: 'begin', extra: EXTRA }],
  [
    'RUN',
    `b310${text('RETURN $a')}${map(['a', '2a'])}a0`,
    { kind: 'run', query: 'RETURN $a', parameters: new Map([['a', 42n]]), extra: EXTRA },
  ],
  ['PULL', `b13f${map(['n', 'c903e8'])}`, { kind: 'pull', count: 1_000, queryId: -1 }],
  ['PULL of all', `b13f${map(['n', 'ff'], ['qid', '03'])}`, { kind: 'pull', count: -1, queryId: 3 }],
  ['PULL without n', 'b13fa0', { kind: 'pull', count: -1, queryId: -1 }],
  [
    'PULL of more than there can be',
    `b13f${map(['n', 'cb7fffffffffffffff'])}`,
    { kind: 'pull', count: Number.MAX_SAFE_INTEGER, queryId: -1 },
  ],
  ['DISCARD', `b12f${map(['n', 'ff'])}`, { kind: 'discard', count: -1, queryId: -1 }],
  ['TELEMETRY', 'b15402', { kind: 'telemetry', api: 2 }],
  [
    'ROUTE',
    `b366${map(['address', text('host:7687')])}91${text('b')}${map(['db', text('d')])}`,
    {
      kind: 'route',
      routing: new Map([['address', 'host:7687']]),
      bookmarks: ['b'],
      database: 'd',
      impersonatedUser: undefined,
    },
  ],
  [
    'LOGON',
    `b16a${map(['scheme', text('basic')], ['principal', text('neo')], ['credentials', text('pw')])}`,
    {
      kind: 'logon',
      authentication: { scheme: 'basic', principal: 'neo', credentials: 'pw', realm: undefined },
    },
  ],
])('%s', (_name, hex, expected) => {
  expect(read(hex)).toEqual(expected);
});

it('takes credentials from HELLO before 5.1, and from LOGON alone after it', () => {
  const hex = `b101${map(
    ['user_agent', text('x/1')],
    ['scheme', text('bearer')],
    ['credentials', text('t')],
    ['routing', map(['address', text('h:1')])],
    ['patch_bolt', `91${text('utc')}`],
  )}`;
  const hello = {
    kind: 'hello',
    userAgent: 'x/1',
    boltAgent: undefined,
    routing: new Map([['address', 'h:1']]),
    patches: ['utc'],
    notifications: undefined,
  };
  const authentication = { scheme: 'bearer', principal: undefined, credentials: 't', realm: undefined };
  for (const wire of [BOLT_4_4, BOLT_5_0]) expect(read(hex, wire)).toEqual({ ...hello, authentication });
  expect(read(hex)).toEqual({ ...hello, authentication: undefined });
  expect(read('b101a0', BOLT_4_4)).toMatchObject({ authentication: NOBODY });
});

describe('what closes the connection', () => {
  const nested = (depth: number): string => '91'.repeat(depth);
  it.each<[string, string, Wire]>([
    ['no bytes', '', BOLT_5_7],
    ['a value instead of a message', '01', BOLT_5_7],
    ['a tag alone', 'b1', BOLT_5_7],
    ['an unknown message', 'b021', BOLT_5_7],
    ['LOGON in 5.0', 'b16aa0', BOLT_5_0],
    ['LOGOFF in 4.4', 'b06b', BOLT_4_4],
    ['TELEMETRY in 5.3', 'b15400', wireOf({ major: 5, minor: 3 })],
    ['ACK_FAILURE of Bolt 1', 'b00e', BOLT_4_4],
    ['too few fields', `b210${text('x')}a0`, BOLT_5_7],
    ['too many fields', 'b10fa0', BOLT_5_7],
    ['bytes behind the message', 'b00f00', BOLT_5_7],
    ['a query that is no text', 'b31001a0a0', BOLT_5_7],
    ['parameters that are a list', `b310${text('x')}90a0`, BOLT_5_7],
    ['a timeout that is a text', `b111${map(['tx_timeout', text('1')])}`, BOLT_5_7],
    ['a timeout below zero', `b111${map(['tx_timeout', 'ff'])}`, BOLT_5_7],
    ['a mode that is none', `b111${map(['mode', text('x')])}`, BOLT_5_7],
    ['bookmarks that are a text', `b111${map(['bookmarks', text('x')])}`, BOLT_5_7],
    ['bookmarks that are numbers', `b111${map(['bookmarks', '9101'])}`, BOLT_5_7],
    ['PULL of none', `b13f${map(['n', '00'])}`, BOLT_5_7],
    ['PULL of -2', `b13f${map(['n', 'fe'])}`, BOLT_5_7],
    ['PULL with a float', `b13f${map(['n', 'c13ff0000000000000'])}`, BOLT_5_7],
    ['PULL of an id below -1', `b13f${map(['qid', 'fe'])}`, BOLT_5_7],
    ['TELEMETRY of nothing known', 'b15404', BOLT_5_7],
    ['credentials that are a number', `b16a${map(['credentials', '01'])}`, BOLT_5_7],
    ['a text that ends early', 'b3108561', BOLT_5_7],
    ['a text of 4 GB', 'b310d2ffffffff', BOLT_5_7],
    ['a list of 4 billion items', `b310${text('x')}a18161d6ffffffffa0`, BOLT_5_7],
    ['a map of 4 billion members', `b310${text('x')}daffffffff`, BOLT_5_7],
    ['an integer that ends early', 'b13fa1816ecb00', BOLT_5_7],
    ['a marker that begins nothing', `b310${text('x')}a18161c4a0`, BOLT_5_7],
    ['a UUID of later versions', `b310${text('x')}a18161e0${'00'.repeat(16)}a0`, BOLT_5_7],
    ['a key that is a number', `b310${text('x')}a10101a0`, BOLT_5_7],
    ['a text that is no UTF-8', 'b31081ffa0a0', BOLT_5_7],
    ['nesting that ends early', `b310${text('x')}a18161${nested(900)}`, BOLT_5_7],
  ])('%s', (_name, hex, wire) => {
    expect(() => read(hex, wire)).toThrow(expect.objectContaining({ code: 'INVALID_MESSAGE' }));
  });
});

describe('what fails the request alone', () => {
  const parameter = (hex: string): string => `b310${text('x')}a18161${hex}a0`;
  it.each<[string, string, string]>([
    ['a node', `b4 4e 01 90 a0 ${text('1')}`, 'Node cannot be a parameter'],
    ['a path', 'b3 50 90 90 90', 'Path cannot be a parameter'],
    ['bytes', 'cc 02 0102', 'Byte arrays'],
    ['a structure that nobody knows', 'b1 7a 01', 'no structure 0x7A in Bolt 5.7'],
    ['a datetime as 4.4 has it', 'b3 46 00 00 00', 'no structure 0x46'],
    ['a structure with a field too few', 'b2 45 00 00', 'Duration has 4 fields, not 2'],
    ['a date of a text', `b1 44 ${text('x')}`, 'field of Date'],
    ['a day beyond the calendar', 'b1 44 cb7fffffffffffffff', 'outside of the years'],
    ['a time of 25 hours', 'b1 74 cb 0000 51da d4d4 e000', 'no time of day'],
    ['a nanosecond too many', 'b2 64 00 ca 3b9aca00', 'not less than a second'],
    ['an offset of a day', 'b2 54 00 ca 00015180', '18 hours'],
    ['a zone that nobody knows', `b3 69 00 00 ${text('Mars/X')}`, 'not a time zone'],
    ['a duration beyond 64 bits', 'b4 45 00 00 cb7fffffffffffffff ca3b9aca00', '64 bits'],
    ['a latitude beyond the pole', 'b3 58 c910e6 c10000000000000000 c14059000000000000', 'latitude'],
    ['a point of integers', 'b3 58 c910e6 01 01', 'not a float'],
    ['an unknown SRID', 'b3 58 01 c10000000000000000 c10000000000000000', 'srid'],
    ['a key twice', 'a2 8161 01 8161 02', "'a' twice"],
    ['a bomb of depth', `${'91'.repeat(1_001)}c0`, 'deeper than'],
    ['a bomb of structures', `${'b144'.repeat(1_001)}c0`, 'deeper than'],
  ])('%s', (_name, hex, message) => {
    expect(() => read(parameter(hex))).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMETER', message: expect.stringContaining(message) }),
    );
  });

  it('takes lists as deep as values may be', () => {
    // The map of parameters is a level, too.
    expect(read(parameter(`${'91'.repeat(999)}c0`)).kind).toBe('run');
    expect(() => read(parameter(`${'91'.repeat(1_000)}c0`))).toThrow(/deeper than/);
  });
});

it('makes one map of all that are empty: a message is bounded, and so is the memory that it becomes', () => {
  const request = read(`b310${text('RETURN $a')}${map(['a', `94${'a0'.repeat(4)}`])}a0`);
  const maps = 'parameters' in request ? request.parameters.get('a') : undefined;
  expect(maps).toEqual([new Map(), new Map(), new Map(), new Map()]);
  expect(new Set(maps as readonly unknown[]).size).toBe(1);
});
