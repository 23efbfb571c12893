/**
 * A message, and how it travels to other processes: `<sender>` and then, for each message, a line of JSON with its facts
 * and the length of its payload, and the payload as it was given. Large ones are stored, and `<sender>@<id> <topic>` is
 * sent.
 */
import { FacetError, LIMITS, nowMs, randomHex } from '../../base/index.ts';

/** What a subscriber gets. All subscribers of this process get the same object. */
export interface PubsubMessage {
  readonly messageId: string;
  readonly topic: string;
  /** As it was given. */
  readonly payloadJson: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** By the clock of the process that published it, milliseconds since 1970. */
  readonly publishedAtMs: number;
  /** Of topic, payload and metadata. */
  readonly bytes: number;
}

/** @throws VALUE_TOO_LARGE */
export function newMessage(
  topic: string,
  payloadJson: string,
  metadata: Readonly<Record<string, string>> | null,
): PubsubMessage {
  const payloadBytes = Buffer.byteLength(payloadJson);
  if (payloadBytes > LIMITS.streamEventBytesMax) {
    throw new FacetError(
      'VALUE_TOO_LARGE',
      `The message has ${payloadBytes} bytes, more than ${LIMITS.streamEventBytesMax} (streamEventBytesMax)`,
    );
  }
  const metadataBytes = metadata === null ? 0 : Buffer.byteLength(JSON.stringify(metadata));
  if (metadataBytes > LIMITS.streamMetadataBytesMax) {
    throw new FacetError(
      'VALUE_TOO_LARGE',
      `The metadata has ${metadataBytes} bytes, more than ${LIMITS.streamMetadataBytesMax} (streamMetadataBytesMax)`,
    );
  }
  const bytes = topic.length + payloadBytes + metadataBytes;
  return { messageId: `msg_${randomHex(8)}`, topic, payloadJson, metadata, publishedAtMs: nowMs(), bytes };
}

/** Frames for `sender`'s messages, in their order; those of the spool with their topic. */
export function framesOf(
  sender: string,
  messages: readonly PubsubMessage[],
): { readonly frames: readonly string[]; readonly spooledTopics: readonly (string | null)[] } {
  const frames: string[] = [];
  const spooledTopics: (string | null)[] = [];
  let frame = '';
  let frameBytes = 0;
  const flush = (): void => {
    if (frame === '') return;
    frames.push(frame);
    spooledTopics.push(null);
    frame = '';
  };
  for (const message of messages) {
    const text = encode(message);
    const bytes = Buffer.byteLength(text);
    if (sender.length + bytes > LIMITS.notificationBytesMax) {
      flush();
      frames.push(sender + text);
      spooledTopics.push(message.topic);
      continue;
    }
    if (frame !== '' && frameBytes + bytes > LIMITS.notificationBytesMax) flush();
    if (frame === '') {
      frame = sender;
      frameBytes = sender.length;
    }
    frame += text;
    frameBytes += bytes;
  }
  flush();
  return { frames, spooledTopics };
}

function encode({ messageId, topic, payloadJson, metadata, publishedAtMs }: PubsubMessage): string {
  return `${JSON.stringify([messageId, topic, publishedAtMs, metadata, payloadJson.length])}\n${payloadJson}`;
}

/** The messages in `text` from `start` on; those that are not well formed end it: whoever may run SQL can send some. */
export function messagesIn(text: string, start: number): PubsubMessage[] {
  const messages: PubsubMessage[] = [];
  let at = start;
  while (at < text.length) {
    const line = text.indexOf('\n', at);
    const facts = line === -1 ? undefined : factsIn(text.slice(at, line));
    if (facts === undefined) return messages;
    const [messageId, topic, publishedAtMs, metadata, length] = facts;
    const payloadJson = text.slice(line + 1, line + 1 + length);
    at = line + 1 + length;
    const bytes = topic.length + Buffer.byteLength(payloadJson);
    messages.push({ messageId, topic, payloadJson, metadata, publishedAtMs, bytes });
  }
  return messages;
}

type Facts = [string, string, number, Record<string, string> | null, number];

function factsIn(line: string): Facts | undefined {
  let facts: unknown;
  try {
    facts = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(facts)) return undefined;
  const [messageId, topic, publishedAtMs, metadata, length] = facts as unknown[];
  const wellFormed =
    typeof messageId === 'string' &&
    typeof topic === 'string' &&
    Number.isSafeInteger(publishedAtMs) &&
    Number.isSafeInteger(length) &&
    (length as number) >= 0 &&
    isTexts(metadata);
  return wellFormed ? (facts as Facts) : undefined;
}

function isTexts(value: unknown): boolean {
  if (value === null) return true;
  return (
    typeof value === 'object' && Object.values(value as object).every((text) => typeof text === 'string')
  );
}
