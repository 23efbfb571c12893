/**
 * The handshake that opens a connection of Bolt: four bytes of magic and four proposals of versions, answered by the
 * version that both speak. A client that proposes the manifest (`00 00 01 FF`, from 5.7) is told all versions, and says
 * which one it takes. Bytes only; waiting and sockets are elsewhere.
 */
import { type BoltVersion, SPOKEN_VERSIONS } from './versions.ts';

const MAGIC = [0x60, 0x60, 0xb0, 0x17] as const;
const PROPOSALS = 4;
const PROPOSAL_BYTES = 4;
const HANDSHAKE_BYTES = MAGIC.length + PROPOSALS * PROPOSAL_BYTES;

/** `major` and `minor` of a proposal that asks for the manifest in its first form. */
const MANIFEST_MAJOR = 0xff;
const MANIFEST_MINOR = 1;

/** No optional features are offered, so that a client that asks for one misread the manifest. */
const CAPABILITIES = 0;
/** A number of variable length, seven bits a byte: these hold 63 bits. */
const VARINT_BYTES_MAX = 9;

const NO_VERSION = Buffer.from([0, 0, 0, 0]);

/** The manifest: its own mark, the number of ranges, each as a proposal is written, the bits of capabilities. */
const MANIFEST = Buffer.from([
  0,
  0,
  MANIFEST_MINOR,
  MANIFEST_MAJOR,
  SPOKEN_VERSIONS.length,
  ...SPOKEN_VERSIONS.flatMap(({ major, oldest, newest }) => [0, newest - oldest, newest, major]),
  CAPABILITIES,
]);

export type HandshakeStep =
  /** Bytes are missing. `reply` is to be sent, if it is there. */
  | { readonly state: 'more'; readonly reply?: Buffer }
  /** `reply` is to be sent (it may be empty); `rest` is what came behind the handshake: messages. */
  | { readonly state: 'agreed'; readonly version: BoltVersion; readonly reply: Buffer; readonly rest: Buffer }
  /** `reply` is to be sent (it may be empty), then the connection is closed. */
  | { readonly state: 'refused'; readonly reason: string; readonly reply: Buffer };

/** One handshake. It holds at most some thirty bytes. */
export class Handshake {
  #received: Buffer = Buffer.alloc(0);
  #isManifestSent = false;

  /** Takes what the socket received, until the answer is no longer `more`. */
  push(chunk: Buffer): HandshakeStep {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.#isManifestSent) return this.#choice();
    const received = this.#received;
    // A wrong first byte is enough: what speaks HTTP or TLS here is told at once, not when 20 bytes are there.
    if (MAGIC.some((byte, index) => index < received.length && received[index] !== byte)) {
      return refused('the first bytes are not those of Bolt');
    }
    if (received.length < HANDSHAKE_BYTES) return { state: 'more' };
    this.#received = received.subarray(HANDSHAKE_BYTES);
    const agreed = firstSpoken(received);
    if (agreed === undefined)
      return refused('the client proposes no version that is spoken here', NO_VERSION);
    if (agreed === 'manifest') return this.#sendManifest();
    const reply = Buffer.from([0, 0, agreed.minor, agreed.major]);
    return { state: 'agreed', version: agreed, reply, rest: this.#received };
  }

  #sendManifest(): HandshakeStep {
    this.#isManifestSent = true;
    // A client that knows the versions beforehand may send its choice along.
    return { ...this.#choice(), reply: MANIFEST };
  }

  /** The version that the client takes from the manifest, and the capabilities that it wants. */
  #choice(): HandshakeStep {
    const received = this.#received;
    if (received.length < PROPOSAL_BYTES) return { state: 'more' };
    const version = { major: received[3] ?? 0, minor: received[2] ?? 0 };
    if (received[0] !== 0 || received[1] !== 0 || !isSpoken(version)) {
      return refused('the client takes a version that was not offered');
    }
    let capabilities = 0;
    for (let index = 0; index < VARINT_BYTES_MAX; index++) {
      const byte = received[PROPOSAL_BYTES + index];
      if (byte === undefined) return { state: 'more' };
      capabilities |= byte & 0x7f;
      if (byte < 0x80) {
        if (capabilities !== CAPABILITIES)
          return refused('the client takes capabilities that were not offered');
        const rest = received.subarray(PROPOSAL_BYTES + index + 1);
        return { state: 'agreed', version, reply: Buffer.alloc(0), rest };
      }
    }
    return refused('the capabilities of the client do not end');
  }
}

const refused = (reason: string, reply: Buffer = Buffer.alloc(0)): HandshakeStep => ({
  state: 'refused',
  reason,
  reply,
});

const isSpoken = ({ major, minor }: BoltVersion): boolean =>
  SPOKEN_VERSIONS.some((range) => range.major === major && minor >= range.oldest && minor <= range.newest);

/** The client's order is its preference; within a range the newest is taken. */
function firstSpoken(handshake: Buffer): BoltVersion | 'manifest' | undefined {
  for (let index = 0; index < PROPOSALS; index++) {
    const at = MAGIC.length + index * PROPOSAL_BYTES;
    const [range = 0, minor = 0, major = 0] = handshake.subarray(at + 1, at + PROPOSAL_BYTES);
    if (major === MANIFEST_MAJOR) {
      if (minor === MANIFEST_MINOR && range === 0) return 'manifest';
      continue;
    }
    for (const spoken of SPOKEN_VERSIONS) {
      const newest = Math.min(minor, spoken.newest);
      if (spoken.major === major && newest >= Math.max(minor - range, spoken.oldest)) {
        return { major, minor: newest };
      }
    }
  }
  return undefined;
}
