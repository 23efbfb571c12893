/** What the server sends by itself over `GET /api/v1/ws`, and over the sockets of one model. */
import { randomHex } from '../../../base/index.ts';
import type { KeyChange, PubsubMessage, StreamEvent } from '../../../models/index.ts';
import { FrameCache } from '../../http/index.ts';
import { json } from '../command.ts';
import { seconds } from '../commands/index.ts';

const metadataText = (metadata: Readonly<Record<string, string>> | null): string =>
  metadata === null ? 'null' : json(metadata);

export const eventFrames = new FrameCache<StreamEvent>(
  (event) =>
    `{"type":"event","offset":${event.offset},"event_type":${json(event.eventType)},"data":${event.dataJson},` +
    `"room":${json(event.room)},"event_id":${json(event.eventId)},"timestamp":${seconds(event.publishedAtMs)}}`,
);

export const roomFrames = new FrameCache<StreamEvent>(
  (event) =>
    `{"type":"event","offset":${event.offset},"event":${json(event.eventType)},"data":${event.dataJson},` +
    `"timestamp":${seconds(event.publishedAtMs)}}`,
);

export const messageFrames = new FrameCache<PubsubMessage>(
  (message) =>
    `{"type":"message","topic":${json(message.topic)},"message":${message.payloadJson},` +
    `"message_id":${json(message.messageId)},"metadata":${metadataText(message.metadata)},` +
    `"timestamp":${seconds(message.publishedAtMs)}}`,
);

export const topicFrames = new FrameCache<PubsubMessage>(
  (message) =>
    `{"type":"message","message_id":${json(message.messageId)},"topic":${json(message.topic)},` +
    `"payload":${message.payloadJson},"metadata":${metadataText(message.metadata)},` +
    `"timestamp":${seconds(message.publishedAtMs)}}`,
);

/** Where changes of a key come, or of the keys that begin so. */
export const channelOf = (key: string): string => `__watch@0__:${key}`;

export const keyFrames = new FrameCache<KeyChange>(
  (change) =>
    `{"type":"message","message_id":"msg_${randomHex(8)}","topic":${json(channelOf(change.key))},` +
    `"payload":{"key":${json(change.key)},"event":"${change.event}","version":${change.version}` +
    `${change.valueJson === null ? '' : `,"value":${change.valueJson}`}` +
    `${change.truncated ? ',"truncated":true' : ''}},"metadata":null,"timestamp":${seconds(change.toldAtMs)}}`,
);
