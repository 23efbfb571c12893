/** Searching for places around a point: candidates by ranges of scores, then by their real distance. */
import { arrayLiteral } from '../../../engine/index.ts';
import type { OperationContext } from '../../operation.ts';
import { boundedRead, readElements } from '../collection.ts';
import { storedKey } from '../entry.ts';
import { distanceM, METRES, type Place, placeOfScore, spansAround } from './geohash.ts';
import { checkPlace, placeOfMember } from './places.ts';
import type { PlacesResult, RadiusByMemberInput, RadiusInput, SearchInput, Unit } from './schemas.ts';

const CANDIDATES = boundedRead(
  'geospatial.search',
  'member, score',
  'octet_length(member)',
  `SELECT m.member, m.score FROM unnest($2::double precision[], $3::double precision[]) AS span (low, high)
   JOIN e ON true
   JOIN kv.sorted_set_member AS m ON m.entry_id = e.id AND m.score >= span.low AND m.score < span.high`,
);

/** A circle, or a box of whole width and height; in metres. */
interface Area {
  readonly center: Place;
  readonly radiusM?: number;
  readonly widthM?: number;
  readonly heightM?: number;
}

interface Order {
  readonly key: string;
  readonly unit?: Unit | undefined;
  readonly count?: number | undefined;
  readonly sort?: 'asc' | 'desc' | undefined;
}

/** @throws INVALID_PARAMETER, WRONG_TYPE, RESULT_TOO_LARGE */
export async function georadius(context: OperationContext, input: RadiusInput): Promise<PlacesResult> {
  checkPlace(input.center);
  const radiusM = input.radius * METRES[input.unit ?? 'm'];
  return search(context, input, { center: input.center, radiusM });
}

/** @throws as `georadius`; KEY_NOT_FOUND when the member is not there */
export async function georadiusbymember(
  context: OperationContext,
  input: RadiusByMemberInput,
): Promise<PlacesResult> {
  const center = await placeOfMember(context, input.key, input.member);
  return search(context, input, { center, radiusM: input.radius * METRES[input.unit ?? 'm'] });
}

/** @throws as `georadiusbymember` */
export async function geosearch(context: OperationContext, input: SearchInput): Promise<PlacesResult> {
  if (input.center !== undefined) checkPlace(input.center);
  const center = input.center ?? (await placeOfMember(context, input.key, input.fromMember ?? ''));
  const metres = METRES[input.unit ?? 'm'];
  const { radius, box } = input;
  const area =
    box === undefined
      ? { center, radiusM: (radius ?? 0) * metres }
      : { center, widthM: box.width * metres, heightM: box.height * metres };
  return search(context, input, area);
}

async function search(context: OperationContext, order: Order, area: Area): Promise<PlacesResult> {
  // No point of a box is farther away than half of both sides together.
  const reachM = area.radiusM ?? ((area.widthM ?? 0) + (area.heightM ?? 0)) / 2;
  const spans = spansAround(area.center, reachM);
  const bounds = [spans.map(({ low }) => String(low)), spans.map(({ high }) => String(high))];
  const { rows } = await readElements(
    context,
    CANDIDATES,
    storedKey(order.key),
    'zset',
    bounds.map(arrayLiteral),
  );
  const metres = METRES[order.unit ?? 'm'];
  const places = [];
  for (const [member, score] of rows) {
    const hash = Number(score);
    const place = placeOfScore(hash);
    if (!isWithin(area, place)) continue;
    const distance = distanceM(area.center, place) / metres;
    places.push({ member: member ?? '', distance, ...place, hash });
  }
  if (order.sort !== undefined || order.count !== undefined) {
    const sign = order.sort === 'desc' ? -1 : 1;
    places.sort((a, b) => sign * (a.distance - b.distance));
  }
  return { places: order.count === undefined ? places : places.slice(0, order.count) };
}

/** A box is as wide at each latitude as it is in the middle, as in Redis. */
function isWithin({ center, radiusM, widthM, heightM }: Area, place: Place): boolean {
  if (radiusM !== undefined) return distanceM(center, place) <= radiusM;
  return (
    distanceM(center, { lat: place.lat, lon: center.lon }) <= (heightM ?? 0) / 2 &&
    distanceM(place, { lat: place.lat, lon: center.lon }) <= (widthM ?? 0) / 2
  );
}
