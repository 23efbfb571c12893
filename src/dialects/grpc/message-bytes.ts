/** How much memory the messages of clients take, counted as their bytes come in. */

/** Flag and length before each message of gRPC. */
const HEAD_BYTES = 5;
/** What deflate makes of one byte at most (RFC 1951: a copy of 258 bytes may take two bits). */
const INFLATED_MAX = 1_032;

/** Follows the frames of one stream, in pieces cut anywhere. */
export class MessageBytes {
  readonly #inflatedMax: number;
  #head = 0;
  #compressed = false;
  /** Bytes of the message that have come. */
  #come = 0;
  /** Bytes of the message that are still to come. */
  #rest = 0;
  /** What the message weighs so far. */
  #weight = 0;
  /** Weights of the messages that have come whole and were not asked for. */
  readonly #whole: number[] = [];
  readonly #bytesMax: number;
  #isTooLarge = false;

  /** @param messageBytesMax where a compressed message ends that would become larger: nobody inflates it further */
  constructor(messageBytesMax: number) {
    this.#inflatedMax = messageBytesMax;
    this.#bytesMax = messageBytesMax;
  }

  /** What the piece may become in memory: a compressed byte weighs as much as it may become. */
  weightOf(piece: Uint8Array): number {
    let weight = 0;
    let at = 0;
    while (at < piece.length) {
      if (this.#head < HEAD_BYTES) {
        const byte = piece[at++] as number;
        if (this.#head === 0) this.#compressed = byte !== 0;
        // Shifts are of 32 bits with a sign, lengths without.
        else this.#rest = this.#rest * 0x100 + byte;
        weight++;
        this.#weight++;
        this.#head++;
        if (this.#head === HEAD_BYTES && this.#rest > this.#bytesMax) this.#isTooLarge = true;
      } else {
        const taken = Math.min(this.#rest, piece.length - at);
        const more = this.#weightOfFirst(this.#come + taken) - this.#weightOfFirst(this.#come);
        weight += more;
        this.#weight += more;
        this.#come += taken;
        this.#rest -= taken;
        at += taken;
      }
      if (this.#head === HEAD_BYTES && this.#rest === 0) {
        this.#head = 0;
        this.#come = 0;
        this.#whole.push(this.#weight);
        this.#weight = 0;
      }
    }
    return weight;
  }

  /** What the first message weighed that came whole and was not asked for before. */
  takeWhole(): number {
    return this.#whole.shift() ?? 0;
  }

  /** A message has said that it is longer than it may be. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  /** Of so many bytes of the message, the first ones. */
  #weightOfFirst(bytes: number): number {
    return this.#compressed ? Math.max(bytes, Math.min(bytes * INFLATED_MAX, this.#inflatedMax)) : bytes;
  }
}

/** What the messages of all calls of a listener may hold together. */
export class MessageBudget {
  readonly bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** False, and nothing taken, when there is no room. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}
