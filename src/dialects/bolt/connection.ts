/**
 * One connection: the bytes of a client to messages for its conversation, one after the other, and the replies back.
 * Messages are read ahead, so that a RESET ends what runs; what waits is bounded, and then the client is not read from.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FacetError, LIMITS, monotonicMs } from '../../base/index.ts';
import { Caller } from './caller.ts';
import { FrameReader, Handshake, ReplyWriter, wireOf } from './codec.ts';
import { Conversation, type Serving } from './conversation.ts';
import { failureOf } from './errors.ts';
import { REQUESTS } from './markers.ts';

export interface ConnectionOptions {
  readonly serving: Serving;
  readonly messageBytesMax: number;
  readonly id: string;
  /** What the bytes go through: the socket itself, or a WebSocket on it. */
  readonly stream: Duplex;
  readonly socket: Socket;
}

/** A sign of life: a chunk of no bytes between two messages. */
const NOOP = Buffer.from([0, 0]);
/** Replies do not wait longer for those behind them to be sent together. */
const GATHER_MS = 3;
/** A client is given so long to read the last reply. */
const LINGER_MS = 1_000;
/** Between two writes of a long result others get a turn. */
const WRITES_AT_ONCE = 4;

export class Connection {
  /** Resolves once nothing of it is left. */
  readonly ended: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #stream: Duplex;
  readonly #handshake = new Handshake();
  readonly #frames = new FrameReader(LIMITS.boltLogonBytesMax);
  readonly #caller: Caller;
  readonly #waiting: Buffer[] = [];
  #writer: ReplyWriter | undefined = undefined;
  #conversation: Conversation | undefined = undefined;
  #waitingBytes = 0;
  /** Of the messages that wait. */
  #resets = 0;
  #isBusy = false;
  #isClosing = false;
  #isDraining = false;
  #sentMs = monotonicMs();
  #writes = 0;
  #flushing: NodeJS.Timeout | undefined = undefined;
  #late: NodeJS.Timeout;
  /** Goes on with what waits for the client to read. */
  #wake: (() => void) | undefined = undefined;
  #finish: () => void = () => {};

  constructor(options: ConnectionOptions) {
    const { serving, stream, socket, id } = options;
    this.#options = options;
    this.#stream = stream;
    this.#caller = new Caller(id, serving.dispatch, socket, stream !== socket);
    this.ended = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#late = this.#deadline(LIMITS.boltHandshakeMsMax);
    stream.on('data', (bytes: Buffer) => this.#receive(bytes));
    stream.on('drain', () => this.#wake?.());
    // Resets of clients are not for the log; the close that follows ends their work.
    stream.on('error', () => {});
    stream.once('close', () => this.#gone());
  }

  /** Closes it as soon as nothing runs and no result is open. */
  drain(): void {
    this.#isDraining = true;
    this.#closeAtRest();
  }

  /** Ends what runs, and the connection with it. */
  cancel(): void {
    this.#conversation?.cut();
    this.#wake?.();
    if (this.#isBusy) this.#isDraining = true;
    else this.destroy();
  }

  destroy(): void {
    this.#stream.destroy();
    this.#options.socket.destroy();
  }

  /** To be called now and then: a client that waits learns that the server is there. */
  tick(nowMs: number): void {
    if (this.#isBusy && this.#writer !== undefined && nowMs - this.#sentMs >= LIMITS.boltNoopMs)
      this.#send(NOOP);
  }

  #deadline(ms: number): NodeJS.Timeout {
    const late = setTimeout(() => this.destroy(), ms);
    late.unref();
    return late;
  }

  #receive(bytes: Buffer): void {
    if (this.#isClosing) return;
    try {
      const rest = this.#conversation === undefined ? this.#shakeHands(bytes) : bytes;
      if (rest !== undefined && rest.length > 0) this.#enqueue(this.#frames.push(rest));
    } catch (thrown) {
      // A message beyond the bound; nothing that comes behind it can be told apart.
      if (thrown instanceof FacetError) this.#writer?.failure(failureOf(thrown));
      this.#conversation?.cut();
      this.#close();
    }
  }

  /** @returns what came behind the handshake, once it is over */
  #shakeHands(bytes: Buffer): Buffer | undefined {
    const step = this.#handshake.push(bytes);
    if (step.reply !== undefined && step.reply.length > 0) this.#send(step.reply);
    if (step.state === 'refused') this.#close();
    if (step.state !== 'agreed') return undefined;
    const writer = new ReplyWriter(wireOf(step.version));
    this.#writer = writer;
    this.#conversation = new Conversation(
      this.#options.serving,
      {
        caller: this.#caller,
        outflow: { writer, written: () => this.#written(writer) },
      },
      step.version,
    );
    clearTimeout(this.#late);
    this.#late = this.#deadline(LIMITS.boltLogonMsMax);
    return step.rest;
  }

  #enqueue(messages: readonly Buffer[]): void {
    for (const message of messages) {
      this.#waiting.push(message);
      this.#waitingBytes += message.length;
      if (message[1] !== REQUESTS.reset) continue;
      this.#resets++;
      // Drivers send one whenever they are done, and then there is nothing to end.
      if (!this.#isBusy) continue;
      this.#conversation?.cut();
      this.#wake?.();
    }
    if (this.#isCrowded) this.#stream.pause();
    if (!this.#isBusy && messages.length > 0) void this.#work();
  }

  get #isCrowded(): boolean {
    return (
      this.#waiting.length > LIMITS.boltRequestsWaitingMax ||
      this.#waitingBytes > LIMITS.boltRequestBytesWaitingMax
    );
  }

  /** Never rejects: a conversation answers its own faults. */
  async #work(): Promise<void> {
    const conversation = this.#conversation;
    if (conversation === undefined) return;
    this.#isBusy = true;
    for (let message = this.#waiting.shift(); message !== undefined; message = this.#waiting.shift()) {
      this.#waitingBytes -= message.length;
      if (message[1] === REQUESTS.reset) this.#resets--;
      if (this.#stream.isPaused() && !this.#isCrowded) this.#stream.resume();
      await conversation.handle(message, this.#resets > 0);
      // A RESET made the work cuttable anew, and another one came meanwhile.
      if (this.#resets > 0) conversation.cut();
      if (conversation.isOver || this.#stream.destroyed) break;
      if (this.#caller.isKnown !== this.#isTrusted) this.#trust(this.#caller.isKnown);
      if (this.#waiting.length > 0) this.#flushSoon();
    }
    this.#isBusy = false;
    if (this.#stream.destroyed) return await this.#end();
    this.#flush();
    if (conversation.isOver) this.#close();
    else this.#closeAtRest();
  }

  #isTrusted = false;

  /**
   * Who has said who it is may stay, and send more. Also behind a LOGOFF: drivers send it with the LOGON of another and
   * with that one's query, which is there before it is known whether that one may come in.
   */
  #trust(isKnown: boolean): void {
    this.#isTrusted = isKnown;
    if (isKnown) this.#frames.messageBytesMax = this.#options.messageBytesMax;
    clearTimeout(this.#late);
    if (!isKnown) this.#late = this.#deadline(LIMITS.boltLogonMsMax);
  }

  #closeAtRest(): void {
    if (this.#isDraining && !this.#isBusy && (this.#conversation?.isAtRest ?? true)) this.#close();
  }

  #written(writer: ReplyWriter): Promise<void> | undefined {
    if (writer.pendingBytes < LIMITS.boltReplyBytes) return undefined;
    this.#flush();
    if (this.#conversation?.isCut === true || this.#stream.destroyed) return Promise.reject(cut());
    if (this.#stream.writableLength > LIMITS.boltBufferedBytesMax) return this.#drained();
    return ++this.#writes % WRITES_AT_ONCE === 0
      ? new Promise((resolve) => setImmediate(resolve))
      : undefined;
  }

  /** A client that reads nothing for too long is gone. */
  #drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = this.#deadline(LIMITS.streamPauseMsMax);
      this.#wake = () => {
        clearTimeout(late);
        this.#wake = undefined;
        if (this.#conversation?.isCut === true || this.#stream.destroyed) reject(cut());
        else resolve();
      };
    });
  }

  #flushSoon(): void {
    this.#flushing ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    const writer = this.#writer;
    if (writer !== undefined && writer.pendingBytes > 0) this.#send(writer.take());
  }

  #send(bytes: Buffer): void {
    this.#sentMs = monotonicMs();
    if (!this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(bytes);
  }

  /** What was answered still goes out; what comes is dropped, for closing over unread bytes would drop the answer. */
  #close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#flush();
    this.#waiting.length = 0;
    clearTimeout(this.#late);
    this.#late = this.#deadline(LINGER_MS);
    this.#stream.resume();
    this.#stream.end();
  }

  #gone(): void {
    this.#isClosing = true;
    this.#waiting.length = 0;
    clearTimeout(this.#late);
    clearTimeout(this.#flushing);
    this.#conversation?.cut();
    this.#wake?.();
    this.#options.socket.destroy();
    if (!this.#isBusy) void this.#end();
  }

  async #end(): Promise<void> {
    await this.#conversation?.end();
    this.#finish();
  }
}

const cut = (): FacetError => new FacetError('QUERY_CANCELLED', 'The client wants no more of the result');
