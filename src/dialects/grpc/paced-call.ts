/** A call whose client streams: its messages are read only while few bytes of them wait for whoever takes them. */
import { type Responder, ServerInterceptingCall, type ServerInterceptingCallInterface } from '@grpc/grpc-js';

export class PacedCall extends ServerInterceptingCall {
  readonly #hasRoom: () => boolean;
  /** A read was asked for when there was no room. */
  #isWanted = false;

  constructor(call: ServerInterceptingCallInterface, responder: Responder, hasRoom: () => boolean) {
    super(call, responder);
    this.#hasRoom = hasRoom;
  }

  override startRead(): void {
    if (this.#hasRoom()) super.startRead();
    else this.#isWanted = true;
  }

  /** A message was taken: there may be room now. */
  readOn(): void {
    if (!this.#isWanted || !this.#hasRoom()) return;
    this.#isWanted = false;
    super.startRead();
  }
}
