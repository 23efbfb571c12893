/**
 * The demo's tables: how they are made, filled from arrays (one parameter per column), indexed and recognised.
 * The order of columns is the order of values in the rows of clean.ts.
 */

/** Comment on each table of the demo. A table of the same name without it is somebody's own and is left alone. */
export const TABLE_COMMENT =
  'OpenFlights data of the Facet demo (ODbL). Loading the demo replaces this table.';

export interface DemoTable {
  readonly name: 'airports' | 'airlines' | 'routes';
  readonly create: string;
  /** Parameters are arrays of equal length, one for each column. */
  readonly insert: string;
}

const AIRPORTS: DemoTable = {
  name: 'airports',
  create: `CREATE TABLE airports (
    id integer PRIMARY KEY,
    name text NOT NULL,
    city text,
    country text NOT NULL,
    iata varchar(3) UNIQUE,
    icao varchar(4),
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    altitude_ft integer,
    utc_offset numeric(4, 2),
    dst char(1),
    time_zone text
  )`,
  insert: `INSERT INTO airports
    SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[],
      $8::float8[], $9::integer[], $10::numeric[], $11::text[], $12::text[])`,
};

const AIRLINES: DemoTable = {
  name: 'airlines',
  create: `CREATE TABLE airlines (
    id integer PRIMARY KEY,
    name text NOT NULL,
    alias text,
    iata text,
    icao text,
    callsign text,
    country text,
    active boolean NOT NULL
  )`,
  insert: `INSERT INTO airlines
    SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
      $8::boolean[])`,
};

const ROUTES: DemoTable = {
  name: 'routes',
  create: `CREATE TABLE routes (
    airline_id integer NOT NULL,
    source_id integer NOT NULL,
    destination_id integer NOT NULL,
    codeshare boolean NOT NULL,
    stops integer NOT NULL,
    equipment text
  )`,
  insert: `INSERT INTO routes
    SELECT * FROM unnest($1::integer[], $2::integer[], $3::integer[], $4::boolean[], $5::integer[], $6::text[])`,
};

/** In the order in which they are filled: routes refer to the other two. */
export const TABLES: readonly DemoTable[] = [AIRPORTS, AIRLINES, ROUTES];

/** Which tables of these names exist, and whether they are the demo's. */
export const FIND_TABLES = `SELECT c.relname, obj_description(c.oid, 'pg_class') IS NOT DISTINCT FROM $1 AS ours
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'public' AND c.relname IN ('airports', 'airlines', 'routes')
  ORDER BY c.relname`;

/** One statement: routes go first in the list, since they refer to the others. Views on them are not dropped. */
export const DROP_TABLES = 'DROP TABLE IF EXISTS routes, airlines, airports';

/** Constraints and indexes come after the rows: checked and built once instead of row by row. */
export const FINISH: readonly string[] = [
  'ALTER TABLE routes ADD PRIMARY KEY (airline_id, source_id, destination_id)',
  'ALTER TABLE routes ADD FOREIGN KEY (airline_id) REFERENCES airlines',
  'ALTER TABLE routes ADD FOREIGN KEY (source_id) REFERENCES airports',
  'ALTER TABLE routes ADD FOREIGN KEY (destination_id) REFERENCES airports',
  'CREATE INDEX routes_source_destination ON routes (source_id, destination_id)',
  'CREATE INDEX routes_destination ON routes (destination_id)',
  'CREATE INDEX airports_country ON airports (country)',
  ...TABLES.map((table) => `COMMENT ON TABLE ${table.name} IS '${TABLE_COMMENT}'`),
  'ANALYZE airports, airlines, routes',
];
