/** The five questions of the demo: what each shows off, and the SQL that a reader can paste into `facet query`. */

export interface DemoQuery {
  readonly question: string;
  /** The means of SQL it uses. */
  readonly means: string;
  readonly sql: string;
}

const BUSIEST: DemoQuery = {
  question: 'Which airports reach the most other airports without a stop?',
  means: 'join, aggregation',
  sql: `SELECT a.iata, a.name, a.country,
       count(DISTINCT r.destination_id) AS destinations,
       count(DISTINCT r.airline_id) AS airlines,
       count(*) AS routes
FROM routes r
JOIN airports a ON a.id = r.source_id
GROUP BY a.id
ORDER BY destinations DESC, routes DESC, a.id
LIMIT 8`,
};

const WIDEST: DemoQuery = {
  question: 'Which airlines serve the most countries?',
  means: 'three tables, filtered aggregates',
  sql: `SELECT l.name AS airline, l.country AS home,
       count(DISTINCT d.country) AS countries,
       count(*) AS routes,
       round(100.0 * count(*) FILTER (WHERE r.codeshare) / count(*), 1) AS codeshare_percent
FROM routes r
JOIN airlines l ON l.id = r.airline_id
JOIN airports d ON d.id = r.destination_id
GROUP BY l.id
ORDER BY countries DESC, routes DESC, l.id
LIMIT 8`,
};

const FEWEST_HOPS: DemoQuery = {
  question:
    'How does one get from Longyearbyen (Svalbard) to Goroka (Papua New Guinea) with the fewest flights?',
  means: 'recursive query: breadth-first search, then back along the shortest legs',
  sql: `WITH RECURSIVE leg AS (
  SELECT DISTINCT source_id, destination_id FROM routes
), reached(airport_id, hops) AS (
  SELECT id, 0 FROM airports WHERE iata = 'LYR'
  UNION
  SELECT leg.destination_id, reached.hops + 1
  FROM reached JOIN leg ON leg.source_id = reached.airport_id
  WHERE reached.hops < 7
), nearest AS MATERIALIZED (
  SELECT airport_id, min(hops) AS hops FROM reached GROUP BY airport_id
), back(airport_id, hops) AS (
  SELECT n.airport_id, n.hops FROM nearest n JOIN airports a ON a.id = n.airport_id WHERE a.iata = 'GKA'
  UNION ALL
  SELECT step.airport_id, back.hops - 1
  FROM back CROSS JOIN LATERAL (
    SELECT n.airport_id
    FROM routes r
    JOIN nearest n ON n.airport_id = r.source_id AND n.hops = back.hops - 1
    JOIN airports f ON f.id = r.source_id
    JOIN airports t ON t.id = r.destination_id
    WHERE r.destination_id = back.airport_id
    ORDER BY point(f.longitude, f.latitude) <-> point(t.longitude, t.latitude), n.airport_id
    LIMIT 1
  ) AS step
)
SELECT back.hops AS flight, a.iata, a.name, a.city, a.country
FROM back JOIN airports a ON a.id = back.airport_id
ORDER BY back.hops`,
};

const LEADERS: DemoQuery = {
  question: 'Which airports lead the five countries with the most routes, and what is their share?',
  means: 'window functions over an aggregate',
  sql: `WITH departures AS (
  SELECT a.country, a.iata, a.city, count(*) AS routes
  FROM routes r JOIN airports a ON a.id = r.source_id
  GROUP BY a.id
), ranked AS (
  SELECT departures.*,
         rank() OVER (PARTITION BY country ORDER BY routes DESC) AS place,
         sum(routes) OVER (PARTITION BY country) AS country_routes
  FROM departures
), countries AS (
  SELECT ranked.*, dense_rank() OVER (ORDER BY country_routes DESC) AS country_place FROM ranked
)
SELECT country, place, iata, city, routes, round(100.0 * routes / country_routes, 1) AS percent_of_country
FROM countries
WHERE country_place <= 5 AND place <= 2
ORDER BY country_place, place, iata`,
};

/** Airports without a code are left out: the position of one of them is on the wrong continent. */
const LONGEST: DemoQuery = {
  question: 'Which flights without a stop are the longest?',
  means: 'great-circle distance on a sphere of 6,371 km',
  sql: `SELECT f.iata AS "from", t.iata AS "to", f.city AS from_city, t.city AS to_city,
       round(2 * 6371 * asin(sqrt(
         sind((t.latitude - f.latitude) / 2) ^ 2
         + cosd(f.latitude) * cosd(t.latitude) * sind((t.longitude - f.longitude) / 2) ^ 2
       ))) AS km,
       string_agg(l.name, ', ' ORDER BY l.name) AS airlines
FROM routes r
JOIN airports f ON f.id = r.source_id
JOIN airports t ON t.id = r.destination_id
JOIN airlines l ON l.id = r.airline_id
WHERE r.stops = 0 AND f.iata IS NOT NULL AND t.iata IS NOT NULL
GROUP BY f.id, t.id
ORDER BY km DESC, f.id, t.id
LIMIT 8`,
};

export const QUERIES: readonly DemoQuery[] = [BUSIEST, WIDEST, FEWEST_HOPS, LEADERS, LONGEST];
