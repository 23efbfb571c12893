/** Handshakes by their bytes: proposals and ranges, the manifest, what is refused, and in which pieces they come. */
import { describe, expect, it } from 'vitest';
import { Handshake, type HandshakeStep } from './handshake.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const MAGIC = '6060B017';
const NONE = '00000000';

/** What became of it, with bytes as text. */
function shown(step: HandshakeStep): unknown {
  if (step.state === 'more') return step.reply?.toString('hex') ?? 'more';
  if (step.state === 'refused') return `refused ${step.reply.toString('hex')}`.trim();
  const { major, minor } = step.version;
  return `${major}.${minor} ${step.reply.toString('hex')}${step.rest.toString('hex')}`.trim();
}

const offered = (...proposals: string[]): unknown =>
  shown(new Handshake().push(bytes([MAGIC, ...proposals, NONE, NONE, NONE, NONE].slice(0, 5).join(''))));

describe('proposals', () => {
  it.each([
    ['one version', ['00000705'], '5.7 00000705'],
    ['the oldest', ['00000404'], '4.4 00000404'],
    ['5.0', ['00000005'], '5.0 00000005'],
    ['a range reaching beyond what is spoken', ['00080805'], '5.7 00000705'],
    ['a range within', ['00030605'], '5.6 00000605'],
    ['a range that begins below', ['00040404'], '4.4 00000404'],
    ['the first that is spoken, not the newest', ['00000404', '00080805'], '4.4 00000404'],
    ['what comes behind unknown ones', ['00000006', '00000003', '00020404'], '4.4 00000404'],
    ['the last place', [NONE, NONE, NONE, '00000205'], '5.2 00000205'],
    ['only newer minor versions', ['00000905'], 'refused 00000000'],
    ['only older ones', ['00010304'], 'refused 00000000'],
    ['a later form of the manifest, then a version', ['000002FF', '00000505'], '5.5 00000505'],
    ['nothing', [], 'refused 00000000'],
  ])('%s', (_name, proposals, expected) => {
    expect(offered(...proposals)).toBe(expected);
  });

  it('gives the bytes behind it back', () => {
    const step = new Handshake().push(bytes(`${MAGIC}00000705${NONE}${NONE}${NONE} 0002B10F0000`));
    expect(step.state === 'agreed' && step.rest.toString('hex')).toBe('0002b10f0000');
  });

  it('refuses other protocols at their first byte', () => {
    for (const first of ['G', 'GET / HTTP/1.1\r\n\r\n', '\u0016\u0003\u0001', '``G']) {
      expect(shown(new Handshake().push(Buffer.from(first, 'latin1')))).toBe('refused');
    }
  });
});

describe('the manifest', () => {
  const ASK = `${MAGIC}000001FF00080805 00020404 00000003`;
  const MANIFEST = '000001ff02000707050000040400';
  const asked = (): Handshake => {
    const handshake = new Handshake();
    expect(shown(handshake.push(bytes(ASK)))).toBe(MANIFEST);
    return handshake;
  };

  it.each([
    ['0000070500', '5.7 '],
    ['00000404 8000', '4.4 '],
    ['0000010500 0002', '5.1 0002'],
    ['0000080500', 'refused'],
    [`${NONE}00`, 'refused'],
    ['0001070500', 'refused'],
    ['0000070501', 'refused'],
    ['00000705 FFFFFFFFFFFFFFFFFFFF', 'refused'],
    ['0000070580', 'more'],
    ['000007', 'more'],
    ['00000705', 'more'],
  ])('answered by %s', (choice, expected) => {
    expect(shown(asked().push(bytes(choice)))).toBe(expected.trim());
  });

  it('may be answered before it is read', () => {
    expect(shown(new Handshake().push(bytes(`${ASK}0000060500`)))).toBe(`5.6 ${MANIFEST}`);
  });
});

it('does not depend on how the bytes come', () => {
  const handshake = new Handshake();
  const all = bytes(`${MAGIC}000001FF${NONE}${NONE}${NONE}`);
  for (const byte of all.subarray(0, -1)) expect(shown(handshake.push(Buffer.from([byte])))).toBe('more');
  expect(shown(handshake.push(all.subarray(-1)))).toBe('000001ff02000707050000040400');
  for (const byte of bytes('00000405')) expect(shown(handshake.push(Buffer.from([byte])))).toBe('more');
  expect(shown(handshake.push(bytes('00')))).toBe('5.4');
});
