/** The form in which values cross the border of the engine. */

/** One cell in PostgreSQL's text form (ISO dates, UTC, hex bytea), or null. */
export type Cell = string | null;
