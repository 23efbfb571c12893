-- What callers with plans have used. Kept in the default namespace of a store only, for all of its namespaces.

-- Operations by caller and calendar month (UTC). Months that are over are history: nothing reads them.
CREATE TABLE facet.operation_count (
  principal text COLLATE "C" NOT NULL,
  -- The first day of the month.
  month date NOT NULL,
  operations bigint NOT NULL,
  PRIMARY KEY (principal, month)
) WITH (fillfactor = 80);

-- Persistent connections by caller and server process. What has not been reported for a while is of a process that is
-- gone, and does not count.
CREATE TABLE facet.connection_count (
  principal text COLLATE "C" NOT NULL,
  process text NOT NULL,
  connections int NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (principal, process)
) WITH (fillfactor = 80);
