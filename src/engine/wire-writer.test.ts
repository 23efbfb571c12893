/** The bytes that are written for PostgreSQL, read back by the lengths they claim. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireWriter } from './wire-writer.ts';

/** Messages as (code, body) pairs, by the lengths they claim. */
function split(bytes: Buffer): [code: string, body: Buffer][] {
  const messages: [string, Buffer][] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32BE(at + 1);
    messages.push([String.fromCharCode(bytes[at] ?? 0), bytes.subarray(at + 5, at + 1 + length)]);
    at += 1 + length;
  }
  return messages;
}

/** The parameters of a Bind message. */
function parametersOf(body: Buffer): (string | null)[] {
  let at = body.indexOf(0) + 1;
  at = body.indexOf(0, at) + 1 + 2;
  const count = body.readUInt16BE(at);
  at += 2;
  return Array.from({ length: count }, () => {
    const length = body.readInt32BE(at);
    at += 4;
    if (length === -1) return null;
    at += length;
    return body.toString('utf8', at - length, at);
  });
}

describe('WireWriter', () => {
  it('writes bytes as they are, and says which parameters are bytes', () => {
    const writer = new WireWriter();
    writer.bind('', ['é', new Uint8Array([0, 255, 1]), null, Buffer.alloc(200_000, 7)]);
    const [[code, body] = ['', Buffer.alloc(0)]] = split(writer.take());
    expect(code).toBe('B');
    // No names; four formats; four values, of which the first two stand here.
    expect(body.subarray(0, 27).toString('hex')).toBe(
      ['0000', '0004', '0000000100000001', '0004', '00000002c3a9', '0000000300ff01'].join(''),
    );
    expect(body.length).toBe(2 + 10 + 2 + 6 + 7 + 4 + 4 + 200_000 + 2);
    expect(body.subarray(-200_002, -2).every((byte) => byte === 7)).toBe(true);
  });

  it('writes the messages of protocol 3.0', () => {
    const writer = new WireWriter();
    writer.parse('s', 'SELECT 1');
    writer.bind('s', ['é', null, '']);
    writer.describePortal();
    writer.execute(7);
    writer.sync();
    const messages = split(writer.take());
    expect(messages.map(([code]) => code).join('')).toBe('PBDES');
    expect(messages[0]?.[1]).toEqual(Buffer.from('s\0SELECT 1\0\0\0'));
    expect(parametersOf(messages[1]?.[1] ?? Buffer.alloc(0))).toEqual(['é', null, '']);
    expect(messages[2]?.[1]).toEqual(Buffer.from('P\0'));
    expect(messages[3]?.[1]).toEqual(Buffer.from('\0\0\0\0\x07'));
    expect(writer.pending).toBe(0);
  });

  it.each(['query', 'parse'] as const)('refuses a text with a NUL character: %s', (message) => {
    const writer = new WireWriter();
    writer.sync();
    const write = (text: string) => (message === 'query' ? writer.query(text) : writer.parse('s', text));
    expect(() => write('SELECT 1\0; DROP TABLE a')).toThrow(
      expect.objectContaining({ code: 'INVALID_SQL', position: 9, message: expect.stringContaining('NUL') }),
    );
    expect(split(writer.take()).map(([code]) => code)).toEqual(['S']);
    write('SELECT 1');
    expect(split(writer.take()).map(([code]) => code)).toEqual([message === 'query' ? 'Q' : 'P']);
  });

  it('keeps what it handed out, across slabs and for any text', () => {
    const writer = new WireWriter();
    const text = fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .chain((s) => fc.nat(3_000).map((n) => s.repeat(n)));
    const handed: [Buffer, (string | null)[]][] = [];
    fc.assert(
      fc.property(fc.array(fc.option(text), { maxLength: 4 }), (parameters) => {
        writer.bind('name', parameters);
        writer.sync();
        handed.push([writer.take(), parameters]);
      }),
      { numRuns: 200 },
    );
    for (const [bytes, parameters] of handed) {
      const messages = split(bytes);
      expect(messages.map(([code]) => code)).toEqual(['B', 'S']);
      expect(parametersOf(messages[0]?.[1] ?? Buffer.alloc(0))).toEqual(parameters);
    }
  });
});
