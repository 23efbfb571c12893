/** The status of a call, where @grpc/grpc-js sends one on its own: of its bounds, and of deadlines. */
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { Refusal } from './refusal.ts';

const OK = 0;

/**
 * Lets what @grpc/grpc-js refuses on its own be said in our words: its statuses have no metadata.
 * @param said what to say instead; undefined: what the library says
 */
export function onUnnamedRefusal(
  call: ServerInterceptingCallInterface,
  said: (code: number) => Refusal | undefined,
): void {
  const send = call.sendStatus.bind(call);
  call.sendStatus = (status) => {
    const own = status.metadata == null && status.code !== undefined ? said(status.code) : undefined;
    send(own ?? status);
  };
}

/**
 * Tells that the call has a status other than OK. From a status on messages are dropped: @grpc/grpc-js would write them
 * behind the end of the stream, which then fails and never gets to its trailers, so that the client waits for ever.
 */
export function onFailure(call: ServerInterceptingCallInterface, tell: () => void): void {
  const sendStatus = call.sendStatus.bind(call);
  const sendMessage = call.sendMessage.bind(call);
  let isOver = false;
  call.sendStatus = (status) => {
    isOver = true;
    sendStatus(status);
    if (status.code !== OK) tell();
  };
  call.sendMessage = (message, sent) => {
    if (!isOver) sendMessage(message, sent);
  };
}
