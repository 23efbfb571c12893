/** Commands on places: where members are, how far from each other, and which are near a point. */
import { FacetError } from '../../../base/index.ts';
import * as models from '../../../models/index.ts';
import { type Command, command, json } from '../command.ts';
import { Fields } from '../fields.ts';
import { statsCommand } from './collection-stats.ts';

const UNITS = ['m', 'km', 'mi', 'ft'] as const;

const key = (fields: Fields) => ({ key: fields.string('key') });

const geoadd = command(models.geospatialGeoadd, {
  read: (fields) => ({
    ...key(fields),
    locations: (fields.has('locations') ? fields.objects('locations') : [fields]).map((place) => ({
      member: place.string('member'),
      lat: place.number('lat', 'latitude'),
      lon: place.number('lon', 'longitude'),
    })),
    ...(fields.flag('nx') ? { nx: true } : {}),
    ...(fields.flag('xx') ? { xx: true } : {}),
  }),
  write: ({ added, changed }, fields) =>
    json({ ...key(fields), added: fields.flag('ch') ? added + changed : added }),
});

const unit = (fields: Fields) => fields.optionalWord(UNITS, 'unit') ?? 'm';

const geodist = command(models.geospatialGeodist, {
  read: (fields) => ({
    ...key(fields),
    from: fields.string('member1'),
    to: fields.string('member2'),
    unit: unit(fields),
  }),
  write: ({ distance }, fields) =>
    json({
      ...key(fields),
      member1: fields.string('member1'),
      member2: fields.string('member2'),
      distance,
      unit: unit(fields),
    }),
});

function order(fields: Fields) {
  const count = fields.optionalInteger('count');
  const sort = fields.optionalWord(['asc', 'desc'], 'sort');
  return { ...(count === undefined ? {} : { count }), ...(sort === undefined ? {} : { sort }) };
}

type Place = Awaited<ReturnType<typeof models.geospatialGeoradius.run>>['places'][number];

/** `distance`, `coord` and `hash` where they were asked for. */
function placesText({ places }: { readonly places: readonly Place[] }, fields: Fields): string {
  const withDistance = fields.flag('with_dist', 'withdist');
  const withCoordinate = fields.flag('with_coord', 'withcoord');
  const withHash = fields.flag('with_hash', 'withhash');
  return json({
    ...key(fields),
    results: places.map(({ member, distance, lat, lon, hash }) => ({
      member,
      ...(withDistance ? { distance } : {}),
      ...(withCoordinate ? { coord: { lat, lon } } : {}),
      ...(withHash ? { hash } : {}),
    })),
  });
}

const georadius = command(models.geospatialGeoradius, {
  read: (fields) => ({
    ...key(fields),
    center: { lat: fields.number('center_lat', 'lat'), lon: fields.number('center_lon', 'lon') },
    radius: fields.number('radius'),
    unit: unit(fields),
    ...order(fields),
  }),
  write: placesText,
});

const georadiusbymember = command(models.geospatialGeoradiusbymember, {
  read: (fields) => ({
    ...key(fields),
    member: fields.string('member'),
    radius: fields.number('radius'),
    unit: unit(fields),
    ...order(fields),
  }),
  write: placesText,
});

/** `[5, "km"]`: numbers and then their unit. */
function measured(fields: Fields, name: string, numbers: number) {
  const array = fields.optionalArray(name);
  if (array === undefined) return undefined;
  const [first, second] = array;
  const given = new Fields({ first: first ?? null, second: second ?? null, unit: array[numbers] ?? null });
  if (array.length < numbers) {
    throw new FacetError('INVALID_PARAMETER', `'${name}' must be ${numbers} numbers and a unit`);
  }
  return {
    first: given.number('first'),
    second: numbers === 2 ? given.number('second') : 0,
    unit: given.optionalWord(UNITS, 'unit') ?? 'm',
  };
}

const geosearch = command(models.geospatialGeosearch, {
  read: (fields) => {
    const fromMember = fields.optionalString('from_member');
    const lonLat = measured(fields, 'from_lonlat', 2);
    const radius = measured(fields, 'by_radius', 1);
    const box = measured(fields, 'by_box', 2);
    return {
      ...key(fields),
      ...(fromMember === undefined ? {} : { fromMember }),
      ...(lonLat === undefined ? {} : { center: { lon: lonLat.first, lat: lonLat.second } }),
      ...(radius === undefined ? {} : { radius: radius.first }),
      ...(box === undefined ? {} : { box: { width: box.first, height: box.second } }),
      unit: radius?.unit ?? box?.unit ?? 'm',
      ...order(fields),
    };
  },
  write: placesText,
});

const members = (fields: Fields) => ({ ...key(fields), members: fields.strings('members') });

const geopos = command(models.geospatialGeopos, {
  read: members,
  write: ({ coordinates }, fields) => json({ ...key(fields), coordinates }),
});

const geohash = command(models.geospatialGeohash, {
  read: members,
  write: ({ geohashes }, fields) => json({ ...key(fields), geohashes }),
});

const stats = statsCommand(models.geospatialStats, {
  keys: 'total_keys',
  elements: 'total_locations',
  prefix: '',
  verbs: ['geoadd', 'geodist', 'georadius', 'geopos', 'geohash'],
  flat: true,
});

export const GEOSPATIAL_COMMANDS: readonly Command[] = [
  geoadd,
  geodist,
  georadius,
  georadiusbymember,
  geosearch,
  geopos,
  geohash,
  stats,
];
