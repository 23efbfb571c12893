/**
 * Stores each airport that has an IATA code as a key, and its place in a sorted set of geohashes, by batches of commands.
 * All names of the demo begin with `demo`, so that running it again replaces its own keys and nothing else.
 */
import { type Json, LIMITS } from '../../base/index.ts';
import type { ServerClient } from '../client.ts';
import { numberOf } from '../json-parts.ts';
import { inBatches, type Tell } from './batches.ts';
import type { Row } from './clean.ts';
import type { DemoData } from './load.ts';

export const PLACES = 'demo:airports';

export const airportKey = (iata: string): string => `demo:airport:${iata}`;

/** Geohashes end at this latitude; airports beyond it have a key all the same. */
const LATITUDE_MAX = 85;

export interface Airport {
  readonly iata: string;
  readonly value: { readonly [name: string]: Json };
  readonly lat: number;
  readonly lon: number;
}

/** Airports by code; of two with the same code the later one in the file. */
export function airportsByCode({ airports }: DemoData): readonly Airport[] {
  const byCode = new Map<string, Airport>();
  for (const row of airports.rows) {
    const airport = airportOf(row);
    if (airport !== undefined) byCode.set(airport.iata, airport);
  }
  return [...byCode.values()];
}

function airportOf([, name, city, country, iata, icao, latitude, longitude]: Row): Airport | undefined {
  if (iata == null) return undefined;
  const [lat, lon] = [Number(latitude), Number(longitude)];
  const value = { name: name ?? null, city: city ?? null, country: country ?? null, icao: icao ?? null };
  return { iata, value: { ...value, latitude: lat, longitude: lon }, lat, lon };
}

/** @throws ServerError */
export async function storeKeys(
  client: ServerClient,
  airports: readonly Airport[],
  tell: Tell,
): Promise<void> {
  await inBatches(
    airports,
    LIMITS.demoCommandsPerBatch,
    async (batch) => {
      await client.commands(
        batch.map(({ iata, value }) => ({ command: 'kv.set', payload: { key: airportKey(iata), value } })),
      );
    },
    (stored) => tell('keys', stored, airports.length),
  );
  const locations = airports
    .filter(({ lat }) => Math.abs(lat) <= LATITUDE_MAX)
    .map(({ iata, lat, lon }) => ({ member: iata, lat, lon }));
  await inBatches(
    locations,
    LIMITS.demoRowsPerBatch,
    async (batch) => {
      await client.command('geospatial.geoadd', { key: PLACES, locations: batch });
    },
    (stored) => tell('places', stored, locations.length),
  );
}

/** Whether an earlier run stored the keys: the places are the last thing it stores. @throws ServerError */
export async function areKeysStored(client: ServerClient): Promise<boolean> {
  const { count } = await client.command('sortedset.zcard', { key: PLACES });
  return (numberOf(count) ?? 0) > 0;
}
