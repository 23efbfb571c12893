/**
 * The questions of the Cypher scenarios, and the SQL on the tables of the graph that one would write by hand for the
 * same answer. `$k` is an IATA code; SQL is given it as text. Tests of properties are by `->>` with an index of its own.
 */

export interface Question {
  readonly cypher: string;
  readonly sql: string;
}

/** As a user of Cypher makes it. */
export const CYPHER_INDEXES: readonly string[] = [
  'CREATE INDEX bench_iata IF NOT EXISTS FOR (a:Airport) ON (a.iata)',
  'CREATE INDEX bench_n IF NOT EXISTS FOR (a:Airport) ON (a.n)',
  'CREATE INDEX bench_id IF NOT EXISTS FOR (a:Airport) ON (a.id)',
  'CREATE INDEX bench_person IF NOT EXISTS FOR (p:Person) ON (p.id)',
];

/** As a user of SQL makes it for the questions below. */
export const SQL_INDEXES: readonly string[] = [
  `create index if not exists bench_iata_text on graph.node ((props ->> 'iata')) where labels @> '{Airport}'`,
  `create index if not exists bench_n_number on graph.node (((props ->> 'n')::bigint)) where labels @> '{Airport}'`,
];

export const SEEK: Question = {
  cypher: 'MATCH (a:Airport {iata: $k}) RETURN a.city',
  sql: `select props ->> 'city' from graph.node where labels @> '{Airport}' and props ->> 'iata' = $1::text`,
};

export const ONE_HOP: Question = {
  cypher: 'MATCH (a:Airport {iata: $k})-[:ROUTE]->(b) RETURN b.iata',
  sql: `select b.props ->> 'iata' from graph.node a
    join graph.edge e on e.src = a.id and e.type = 'ROUTE'
    join graph.node b on b.id = e.dst
    where a.labels @> '{Airport}' and a.props ->> 'iata' = $1::text`,
};

export const TWO_HOP_DISTINCT: Question = {
  cypher: 'MATCH (a:Airport {iata: $k})-[:ROUTE]->()-[:ROUTE]->(c) RETURN count(DISTINCT c)',
  sql: `select count(distinct f.dst) from graph.node a
    join graph.edge e on e.src = a.id and e.type = 'ROUTE'
    join graph.edge f on f.src = e.dst and f.type = 'ROUTE' and f.id <> e.id
    where a.labels @> '{Airport}' and a.props ->> 'iata' = $1::text`,
};

/** Paths are not looked at one by one: ways in times ways out, without going round a loop twice. */
export const TWO_HOP_WHOLE: Question = {
  cypher: 'MATCH ()-[:ROUTE]->()-[:ROUTE]->() RETURN count(*)',
  sql: `select (select sum(i.n * o.n)
      from (select dst, count(*) n from graph.edge where type = 'ROUTE' group by dst) i
      join (select src, count(*) n from graph.edge where type = 'ROUTE' group by src) o on o.src = i.dst)
    - (select count(*) from graph.edge where type = 'ROUTE' and src = dst)`,
};

export const SHORTEST_PATH: Question = {
  cypher:
    'MATCH (a:Person {id: $a}), (b:Person {id: $b}), p = shortestPath((a)-[:KNOWS*]->(b)) RETURN length(p)',
  sql: 'select bench_distance($1::bigint, $2::bigint)',
};

/**
 * The length of a shortest path by hand, -1 for none: from both ends in turn, on the smaller side, within PostgreSQL and so
 * without a round trip. Ends are values of the property `id`.
 */
export const DISTANCE_SQL: readonly string[] = [
  `create index if not exists bench_person_number on graph.node (((props ->> 'id')::bigint))
    where labels @> '{Person}'`,
  `create or replace function bench_distance(one bigint, other bigint) returns int language plpgsql stable as $$
declare
  heads bigint[] := array(select id from graph.node where labels @> '{Person}' and (props ->> 'id')::bigint = one);
  tails bigint[] := array(select id from graph.node where labels @> '{Person}' and (props ->> 'id')::bigint = other);
  after_heads bigint[] := heads;
  before_tails bigint[] := tails;
  steps int := 0;
begin
  loop
    steps := steps + 1;
    if cardinality(heads) <= cardinality(tails) then
      heads := array(select distinct e.dst from graph.edge e
        where e.src = any (heads) and e.type = 'KNOWS' and e.dst <> all (after_heads));
      if exists (select from unnest(heads) h(id) where h.id = any (before_tails)) then return steps; end if;
      if cardinality(heads) = 0 then return -1; end if;
      after_heads := after_heads || heads;
    else
      tails := array(select distinct e.src from graph.edge e
        where e.dst = any (tails) and e.type = 'KNOWS' and e.src <> all (before_tails));
      if exists (select from unnest(tails) t(id) where t.id = any (after_heads)) then return steps; end if;
      if cardinality(tails) = 0 then return -1; end if;
      before_tails := before_tails || tails;
    end if;
  end loop;
end $$`,
];

export const TYPICAL_QUERIES: readonly string[] = [
  `MATCH (a:Airport {iata: $k})-[:ROUTE]->(b:Airport) WHERE b.city STARTS WITH 'C' AND b.n > 10
   RETURN b.iata AS iata, count(*) AS n ORDER BY n DESC`,
  `MATCH (p:Person {name: $name})-[r:KNOWS|LIKES*1..3]-(friend) WHERE friend.age > 30 AND NOT friend:Blocked
   WITH friend, count(r) AS ways WHERE ways > 1
   RETURN friend.name AS name, ways, coalesce(friend.city, 'unknown') AS city ORDER BY ways DESC, name`,
  'MATCH (a:Airport {iata: $k}) RETURN a.city',
];
