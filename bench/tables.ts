/** Tables that the scenarios read, and the statements on them. Both sides run exactly these. */

export const POINT_ROWS = 100_000;

/** Made anew, so that a scenario may be run alone. */
export const POINT_TABLE: readonly string[] = [
  'drop table if exists bench_point',
  'create table bench_point (id bigint primary key, name text not null, score float8 not null, touched int not null default 0) with (fillfactor = 70)',
  `insert into bench_point (id, name, score) select n, 'name ' || n, n / 7.0 from generate_series(1, ${POINT_ROWS}) n`,
  'analyze bench_point',
];

export const POINT_SELECT = 'select id, name, score from bench_point where id = $1::bigint';
/** For those who have no parameters, `$1` is replaced by the id: as PostgreSQL's statement, and as Neumann's short one. */
export const POINT_SELECT_TEXT = 'select id, name, score from bench_point where id = $1';
export const POINT_SELECT_SHORT = 'SELECT bench_point WHERE id = $1';

/** A small unit of work: look, change, look again. */
export const TRANSACTION_STEPS: readonly string[] = [
  'select id, name, score from bench_point where id = $1::bigint',
  'update bench_point set touched = touched + 1 where id = $1::bigint',
  'select touched from bench_point where id = $1::bigint',
];

/** Rows of an int, a short text and a text of 100 bytes: some 130 bytes each in PostgreSQL's text form. */
export const streamTable = (rows: number): readonly string[] => [
  'drop table if exists bench_stream',
  'create table bench_stream (id int primary key, short text not null, long text not null)',
  `insert into bench_stream select n, 'row ' || n, rpad(md5(n::text), 100, 'abcdefghij') from generate_series(1, ${rows}) n`,
  'analyze bench_stream',
];

export const STREAM_SELECT = 'select id, short, long from bench_stream';
