/**
 * One open WebSocket. What is written goes to the connection at once; who writes more than the client reads sees `full`
 * and waits for `onDrain`. Frames that many clients get are made once, by `frameOf`.
 */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { LIMITS } from '../../base/index.ts';
import { UNSUPPORTED_DATA } from './close-codes.ts';

/** What happens on an open connection. None of these may throw. */
export interface SocketListener {
  /** One text message. Reading goes on meanwhile: who falls behind calls `LiveSocket.pause`. */
  message(bytes: Buffer): void;
  /** A binary message. Absent: the connection is closed with UNSUPPORTED_DATA. */
  binary?(bytes: Buffer): void;
  /** May resolve later, when it has let go of what it held: the end of the server waits for that, for a time. */
  closed(): void | Promise<void>;
}

/** Payloads of so many bytes have their length in eight bytes. */
const LONG_LENGTH = 65_536;

/** A text message as it goes over the wire: header and payload, unmasked, as servers send it (RFC 6455 section 5.2). */
export function frameOf(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerBytes = length < 126 ? 2 : length < LONG_LENGTH ? 4 : 10;
  const frame = Buffer.allocUnsafeSlow(headerBytes + length);
  frame[0] = 0x81;
  if (length < 126) frame[1] = length;
  else if (length < LONG_LENGTH) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerBytes);
  return frame;
}

/** An empty ping. Whatever the client sends afterwards shows that it is alive; it must answer this one. */
const PING = Buffer.from([0x89, 0x00]);

export class LiveSocket {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  #bytesReadBefore = -1;
  #drained: (() => void)[] = [];
  /** As `#drained`, for those who also want to know of the end. */
  #waiting: (() => void)[] = [];

  /** `closed` is called once, instead of that of the listener. */
  constructor(
    ws: WebSocket,
    socket: Socket,
    listener: Pick<SocketListener, 'message' | 'binary'>,
    closed: () => void,
  ) {
    this.#ws = ws;
    this.#socket = socket;
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) listener.message(data);
      else if (listener.binary === undefined) {
        this.close(UNSUPPORTED_DATA, 'Send text messages, not binary ones');
      } else listener.binary(data);
    });
    // Wrong frames: the library closes with the code that RFC 6455 has for them.
    ws.on('error', () => {});
    ws.once('close', () => {
      this.#drained = [];
      this.#wakeWaiting();
      closed();
    });
    socket.on('drain', () => {
      const listeners = this.#drained;
      this.#drained = [];
      for (const listener of listeners) listener();
      this.#wakeWaiting();
    });
  }

  get open(): boolean {
    return this.#ws.readyState === WebSocket.OPEN;
  }

  /** More waits for the client than it should. */
  get full(): boolean {
    return this.#socket.writableLength >= LIMITS.socketBufferedBytesMax;
  }

  /** Calls `listener` once, when what waits has gone out; never when the connection closes before. */
  onDrain(listener: () => void): void {
    this.#drained.push(listener);
  }

  /**
   * Resolves when what waits has gone out, or the connection has closed: look at `open`. At once when it is not `full`.
   * @param pauseMsMax a client that takes nothing of it from one look to the next, so far apart, is disconnected
   */
  async drained(pauseMsMax?: number): Promise<void> {
    if (!this.full || !this.open) return;
    const leave = (): void => this.#ws.terminate();
    if (pauseMsMax !== undefined) this.#socket.setTimeout(pauseMsMax, leave);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (pauseMsMax !== undefined) this.#socket.setTimeout(0, leave);
  }

  send(text: string): void {
    if (this.open) this.#ws.send(text);
  }

  /** One binary message. */
  sendBinary(bytes: Uint8Array): void {
    if (this.open) this.#ws.send(bytes);
  }

  /** Whole frames, such as those of `frameOf`, or a frame in several pieces, in one system call. */
  sendFrames(frames: readonly Buffer[]): void {
    if (!this.open) return;
    if (frames.length === 1) {
      this.#socket.write(frames[0] ?? '');
      return;
    }
    this.#socket.cork();
    for (const frame of frames) this.#socket.write(frame);
    this.#socket.uncork();
  }

  /** Reads no further messages until `resume`. */
  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  /** @param reason at most 123 bytes */
  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  /** Ends a connection whose client sent nothing since the last look; asks the others for a sign of life. */
  checkAlive(): void {
    const { bytesRead } = this.#socket;
    // A client whose messages we do not read is waiting for us.
    if (bytesRead === this.#bytesReadBefore && !this.#ws.isPaused) {
      this.#ws.terminate();
      return;
    }
    this.#bytesReadBefore = bytesRead;
    if (this.open) this.#socket.write(PING);
  }

  #wakeWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
