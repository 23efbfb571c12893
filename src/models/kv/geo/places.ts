/** Adding places, and what is asked of single ones. */
import { FacetError } from '../../../base/index.ts';
import type { OperationContext } from '../../operation.ts';
import { shown } from '../entry.ts';
import { zadd, zmscore } from '../sorted-sets/index.ts';
import {
  distanceM,
  geohashText,
  LAT_MAX,
  LON_MAX,
  METRES,
  type Place,
  placeOfScore,
  scoreOfPlace,
} from './geohash.ts';
import type {
  AddInput,
  AddResult,
  DistInput,
  DistResult,
  HashResult,
  ManyMembers,
  PosResult,
} from './schemas.ts';

/** @throws INVALID_PARAMETER */
export function checkPlace({ lat, lon }: Place): void {
  if (Math.abs(lat) <= LAT_MAX && Math.abs(lon) <= LON_MAX) return;
  throw new FacetError(
    'INVALID_PARAMETER',
    `Latitude ${lat} and longitude ${lon} are no place: latitudes go to ±${LAT_MAX}, longitudes to ±${LON_MAX}`,
  );
}

/** @throws INVALID_PARAMETER, LIMIT_EXCEEDED, VALUE_TOO_LARGE, WRONG_TYPE */
export async function geoadd(context: OperationContext, input: AddInput): Promise<AddResult> {
  for (const location of input.locations) checkPlace(location);
  const members = input.locations.map((location) => ({
    member: location.member,
    score: scoreOfPlace(location),
  }));
  const { added, changed } = await zadd(context, { key: input.key, members, nx: input.nx, xx: input.xx });
  return { added, changed };
}

/** @throws INVALID_PARAMETER, WRONG_TYPE */
export async function geodist(context: OperationContext, input: DistInput): Promise<DistResult> {
  const { scores } = await zmscore(context, { key: input.key, members: [input.from, input.to] });
  const [from = null, to = null] = scores;
  if (from === null || to === null) return { distance: null };
  return { distance: distanceM(placeOfScore(from), placeOfScore(to)) / METRES[input.unit ?? 'm'] };
}

/** Null for members that are not there. @throws INVALID_PARAMETER, LIMIT_EXCEEDED, WRONG_TYPE */
export async function geopos(context: OperationContext, input: ManyMembers): Promise<PosResult> {
  const { scores } = await zmscore(context, input);
  return { coordinates: scores.map((score) => (score === null ? null : placeOfScore(score))) };
}

/** Null for members that are not there. @throws as `geopos` */
export async function geohash(context: OperationContext, input: ManyMembers): Promise<HashResult> {
  const { scores } = await zmscore(context, input);
  return { geohashes: scores.map((score) => (score === null ? null : geohashText(score))) };
}

/** Where a member is. @throws KEY_NOT_FOUND, WRONG_TYPE */
export async function placeOfMember(context: OperationContext, key: string, member: string): Promise<Place> {
  const [score = null] = (await zmscore(context, { key, members: [member] })).scores;
  if (score !== null) return placeOfScore(score);
  throw new FacetError('KEY_NOT_FOUND', `There is no member '${shown(member)}' in key '${shown(key)}'`);
}
