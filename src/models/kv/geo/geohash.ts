/**
 * Places as geohashes of 52 bits, distances on a sphere, and the cells that cover an area. Latitudes are bounded as in
 * web maps, and the radius of the earth is the one of Redis, so that scores and distances are the same there.
 */

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

export const LAT_MAX = 85.05112878;
export const LON_MAX = 180;
const EARTH_RADIUS_M = 6_372_797.560856;
/** Metres of each unit of length. */
export const METRES = { m: 1, km: 1_000, mi: 1_609.34, ft: 0.3048 } as const;
/** Bits of each coordinate. */
const STEPS = 26;
const BASE32 = '0123456789bcdefghjkmnpqrstuvwxyz';

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const degrees = (angle: number): number => (angle * 180) / Math.PI;

/** Which of 2^step equal parts of ±max a coordinate lies in. */
function partOf(value: number, max: number, step: number): number {
  const part = Math.floor(((value + max) / (2 * max)) * 2 ** step);
  return Math.min(Math.max(part, 0), 2 ** step - 1);
}

/** Bits of both by turns; the last one is of the latitude. */
function interleaved(latPart: number, lonPart: number, step: number): bigint {
  let bits = 0n;
  for (let bit = step - 1; bit >= 0; bit--) {
    bits = (bits << 2n) | BigInt((((lonPart >>> bit) & 1) << 1) | ((latPart >>> bit) & 1));
  }
  return bits;
}

/** The score of a place, below 2^52. */
export const scoreOfPlace = ({ lat, lon }: Place, latMax = LAT_MAX): number =>
  Number(interleaved(partOf(lat, latMax, STEPS), partOf(lon, LON_MAX, STEPS), STEPS));

/** The middle of the cell that the score means. */
export function placeOfScore(score: number): Place {
  const bits = BigInt(Math.trunc(score));
  let latPart = 0;
  let lonPart = 0;
  for (let bit = BigInt(STEPS) - 1n; bit >= 0n; bit--) {
    lonPart = lonPart * 2 + Number((bits >> (2n * bit + 1n)) & 1n);
    latPart = latPart * 2 + Number((bits >> (2n * bit)) & 1n);
  }
  const cells = 2 ** STEPS;
  return {
    lat: -LAT_MAX + ((latPart + 0.5) / cells) * 2 * LAT_MAX,
    lon: -LON_MAX + ((lonPart + 0.5) / cells) * 2 * LON_MAX,
  };
}

/** The usual geohash of 11 characters. It has three bits more than the score; the last character is always 0. */
export function geohashText(score: number): string {
  const bits = BigInt(scoreOfPlace(placeOfScore(score), 90));
  let text = '';
  for (let n = 1; n <= 10; n++) text += BASE32[Number((bits >> BigInt(52 - 5 * n)) & 31n)];
  return `${text}0`;
}

/** Metres along the surface. */
export function distanceM(from: Place, to: Place): number {
  const u = Math.sin((radians(to.lat) - radians(from.lat)) / 2);
  const v = Math.sin((radians(to.lon) - radians(from.lon)) / 2);
  const a = u * u + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * v * v;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** From `low` on, below `high`. */
export interface ScoreSpan {
  readonly low: number;
  readonly high: number;
}

/** More cells are more ranges to look up, fewer are more members to look at in vain. */
const CELLS_MAX = 16;

/** Scores of cells that cover everything within `radiusM` of the centre, and more. */
export function spansAround(center: Place, radiusM: number): readonly ScoreSpan[] {
  const angle = (radiusM / EARTH_RADIUS_M) * 1.000001 + 1e-7;
  const latDelta = degrees(angle);
  const south = Math.max(center.lat - latDelta, -LAT_MAX);
  const north = Math.min(center.lat + latDelta, LAT_MAX);
  const polar = Math.abs(center.lat) + latDelta >= 90;
  const lonDelta = polar ? LON_MAX : degrees(Math.asin(Math.sin(angle) / Math.cos(radians(center.lat))));
  const west = center.lon - lonDelta;
  const east = center.lon + lonDelta;
  if (east - west >= 2 * LON_MAX) return cellsOf(south, north, -LON_MAX, LON_MAX);
  // Across the line where east becomes west.
  if (west < -LON_MAX) {
    return [...cellsOf(south, north, -LON_MAX, east), ...cellsOf(south, north, west + 2 * LON_MAX, LON_MAX)];
  }
  if (east > LON_MAX) {
    return [...cellsOf(south, north, west, LON_MAX), ...cellsOf(south, north, -LON_MAX, east - 2 * LON_MAX)];
  }
  return cellsOf(south, north, west, east);
}

function cellsOf(south: number, north: number, west: number, east: number): readonly ScoreSpan[] {
  for (let step = STEPS; step > 0; step--) {
    const [bottom, top] = [partOf(south, LAT_MAX, step), partOf(north, LAT_MAX, step)];
    const [left, right] = [partOf(west, LON_MAX, step), partOf(east, LON_MAX, step)];
    if ((top - bottom + 1) * (right - left + 1) > CELLS_MAX) continue;
    const size = 4 ** (STEPS - step);
    const spans: ScoreSpan[] = [];
    for (let latPart = bottom; latPart <= top; latPart++) {
      for (let lonPart = left; lonPart <= right; lonPart++) {
        const low = Number(interleaved(latPart, lonPart, step)) * size;
        spans.push({ low, high: low + size });
      }
    }
    return spans;
  }
  return [{ low: 0, high: 4 ** STEPS }];
}
