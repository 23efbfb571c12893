/** An event of a room: how it is given, how it is read from a row, and its id. */
import { FacetError, LIMITS } from '../../base/index.ts';
import type { Cell } from '../../engine/index.ts';
import { checkName } from './names.ts';

/** What a reader or a live subscriber gets. All subscribers of this process get the same object. */
export interface StreamEvent {
  readonly eventId: string;
  readonly room: string;
  readonly offset: number;
  readonly eventType: string;
  /** As it was given. */
  readonly dataJson: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** By PostgreSQL's clock, milliseconds since 1970. */
  readonly publishedAtMs: number;
  /** Of type, data and metadata. */
  readonly bytes: number;
}

/** An event that is to be appended. */
export interface NewEvent {
  readonly room: string;
  readonly eventType: string;
  readonly dataJson: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly metadataJson: string | null;
  readonly bytes: number;
  /** The room is made when it is missing. */
  readonly createRoom: boolean;
}

/** The same for the same event, whoever reads it: a room's generation and the offset. */
export const eventIdOf = (generation: string, offset: number): string => `evt_${generation}_${offset}`;

/** @throws INVALID_PARAMETER, VALUE_TOO_LARGE */
export function newEvent(
  given: {
    readonly room: string;
    readonly eventType: string;
    readonly dataJson: string;
    readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  },
  createRoom: boolean,
): NewEvent {
  const { room, eventType, dataJson } = given;
  checkName('type of events', eventType, LIMITS.streamEventTypeBytesMax);
  const metadata = given.metadata ?? null;
  const metadataJson = metadata === null ? null : JSON.stringify(metadata);
  const dataBytes = Buffer.byteLength(dataJson);
  if (dataBytes > LIMITS.streamEventBytesMax) {
    throw new FacetError(
      'VALUE_TOO_LARGE',
      `The event has ${dataBytes} bytes, more than ${LIMITS.streamEventBytesMax} (streamEventBytesMax)`,
    );
  }
  const metadataBytes = metadataJson === null ? 0 : Buffer.byteLength(metadataJson);
  if (metadataBytes > LIMITS.streamMetadataBytesMax) {
    throw new FacetError(
      'VALUE_TOO_LARGE',
      `The metadata has ${metadataBytes} bytes, more than ${LIMITS.streamMetadataBytesMax} (streamMetadataBytesMax)`,
    );
  }
  const bytes = eventType.length + dataBytes + metadataBytes;
  return { room, eventType, dataJson, metadata, metadataJson, bytes, createRoom };
}

/** The event of a row with the columns offset, type, data, metadata, milliseconds. */
export function eventOf(generation: string, room: string, row: readonly Cell[]): StreamEvent {
  const [offset = '0', type = '', data = '', metadata = null, atMs = '0'] = row;
  const dataJson = data ?? '';
  return {
    eventId: eventIdOf(generation, Number(offset)),
    room,
    offset: Number(offset),
    eventType: type ?? '',
    dataJson,
    metadata: metadata === null ? null : (JSON.parse(metadata) as Record<string, string>),
    publishedAtMs: Number(atMs),
    bytes: (type ?? '').length + Buffer.byteLength(dataJson) + (metadata ?? '').length,
  };
}
