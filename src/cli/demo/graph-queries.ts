/** The questions that the demo asks the graph: what each shows off, and the Cypher to paste into `facet cypher`. */

export interface GraphQuestion {
  readonly question: string;
  /** The means of Cypher it uses. */
  readonly means: string;
  readonly cypher: string;
}

const FEWEST_FLIGHTS: GraphQuestion = {
  question: 'Once more from Longyearbyen to Goroka, now in the graph: a path with the fewest flights?',
  means: 'shortestPath, in five lines instead of twenty-eight',
  cypher: `MATCH (start:Airport {iata: 'LYR'}), (end:Airport {iata: 'GKA'})
MATCH path = shortestPath((start)-[:ROUTE*]->(end))
UNWIND range(0, length(path)) AS flight
WITH flight, nodes(path)[flight] AS airport
RETURN flight, airport.iata AS iata, airport.name AS name, airport.country AS country`,
};

const HUBS: GraphQuestion = {
  question: 'Which airports are the busiest hubs: where would one who takes random flights be most often?',
  means: 'PageRank over airports and routes',
  cypher: `CALL algo.pageRank({labels: ['Airport'], edge_types: ['ROUTE'], iterations: 50})
YIELD node, score
RETURN node.iata AS iata, node.name AS name, node.country AS country, round(score * 1000, 2) AS per_mille
ORDER BY score DESC LIMIT 8`,
};

const TWO_HOPS: GraphQuestion = {
  question: 'Where can one go from Reykjavik (Keflavik) with at most two flights?',
  means: 'a path of variable length, then the countries at its end',
  cypher: `MATCH (start:Airport {iata: 'KEF'})-[:ROUTE*1..2]->(airport:Airport)
WHERE airport <> start
WITH DISTINCT airport
MATCH (airport)-[:IN]->(country:Country)
RETURN country.name AS country, count(*) AS airports
ORDER BY airports DESC, country LIMIT 8`,
};

export const GRAPH_QUESTIONS: readonly GraphQuestion[] = [FEWEST_FLIGHTS, HUBS, TWO_HOPS];
