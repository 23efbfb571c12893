/**
 * The airports as entities: the row of `airports`, the node of the graph and an embedding belong together by one key,
 * `airports:340`. Two airports are as similar as they are near: the embedding is the direction to an airport from the
 * middle of the Earth. And one artifact about them.
 */
import { LIMITS } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { listOf, numberOf, objectOf, textOf } from '../json-parts.ts';
import { inBatches, type Tell } from './batches.ts';
import type { Row } from './clean.ts';
import type { DemoData } from './load.ts';
import { EARTH_RADIUS_KM } from './work.ts';

/** Not the collection of everybody's entities, whose embeddings may have another length. */
export const COLLECTION = 'demo_airports';

/** What the demo's artifact is found by, when it is replaced. */
const TAG = 'facet-demo';

export const airportEntity = (id: string): string => `airports:${id}`;

/** Keflavik and Frankfurt. */
const NEAR = airportEntity('16');
const FROM = airportEntity('340');

export const FIND = `FIND NODE Airport WHERE country <> 'Iceland' SIMILAR TO '${NEAR}' IN ${COLLECTION} CONNECTED TO '${FROM}' LIMIT 8`;

const DIGITS = 6;

/** Of length 1, towards the place: the cosine of two of them falls as their distance grows. */
export function direction(latitude: number, longitude: number): readonly number[] {
  const [lat, lon] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}

/** Kilometres along a sphere of 6,371 km between places whose directions have this cosine. */
export const kilometres = (cosine: number): number =>
  EARTH_RADIUS_KM * Math.acos(Math.max(-1, Math.min(1, cosine)));

const pointOf = ([id, , , , , , latitude, longitude]: Row): string =>
  `('${airportEntity(id ?? '')}', [${direction(Number(latitude), Number(longitude))
    .map((part) => part.toFixed(DIGITS))
    .join(', ')}])`;

/** @throws ServerError */
export async function storeEmbeddings(
  client: ServerClient,
  { airports }: DemoData,
  tell: Tell,
): Promise<void> {
  await inBatches(
    airports.rows,
    LIMITS.demoRowsPerBatch,
    async (batch) => {
      await client.neumann(`EMBED BATCH [${batch.map(pointOf).join(', ')}] IN ${COLLECTION}`);
    },
    (stored) => tell('embeddings', stored, airports.rows.length),
  );
}

/** Whether an earlier run stored all of them. @throws ServerError */
export async function areEmbeddingsStored(client: ServerClient, { airports }: DemoData): Promise<boolean> {
  const { count } = await client.neumann(`COUNT EMBEDDINGS IN ${COLLECTION}`).catch(missing);
  return Number(textOf(objectOf(count).count) ?? 0) === airports.rows.length;
}

function missing(error: unknown): { readonly count: Record<string, never> } {
  if (error instanceof Error && 'code' in error && error.code === 'COLLECTION_NOT_FOUND')
    return { count: {} };
  throw error;
}

export interface Found {
  readonly key: string;
  readonly iata: string;
  readonly name: string;
  readonly country: string;
  readonly similarity: number;
}

/** Asks across filter, graph and vector. @throws ServerError */
export async function findNearest(client: ServerClient): Promise<readonly Found[]> {
  const { unified } = await client.neumann(FIND);
  return listOf(objectOf(unified).items)
    .map(objectOf)
    .map(({ key, fields, score }) => {
      const { iata, name, country, entity_key: entity } = objectOf(fields);
      return {
        key: textOf(entity) ?? textOf(key) ?? '',
        iata: textOf(iata) ?? '',
        name: textOf(name) ?? '',
        country: textOf(country) ?? '',
        similarity: numberOf(score) ?? 0,
      };
    });
}

export interface Stored {
  readonly id: string;
  readonly size: number;
  readonly checksum: string;
}

/** Keeps the answer as an artifact that is linked with the airport that was asked about, in place of an earlier one. */
export async function storeArtifact(client: ServerClient, found: readonly Found[]): Promise<Stored> {
  const { artifactList } = await client.neumann(`BLOBS BY TAG '${TAG}'`);
  for (const id of listOf(objectOf(artifactList).artifactIds)) {
    await client.neumann(`BLOB DELETE '${String(id)}'`);
  }
  const lines = found.map(({ key, iata, country }) => `${key},${iata},${country}`);
  const text = ['key,iata,country', ...lines, ''].join('\n').replaceAll("'", "''");
  const put = `BLOB PUT 'nearest-to-keflavik.csv' DATA '${text}' TYPE 'text/csv' TAG '${TAG}' LINK '${NEAR}'`;
  const { value } = await client.neumann(put);
  const id = textOf(objectOf(value).value) ?? '';
  const { artifactInfo } = await client.neumann(`BLOB INFO '${id}'`);
  const { size, checksum } = objectOf(artifactInfo);
  return { id, size: Number(textOf(size) ?? 0), checksum: textOf(checksum) ?? '' };
}
