/** Versions of Bolt that are spoken here, and what differs between them on the wire. */

/** A version as both sides agreed on it. */
export interface BoltVersion {
  readonly major: number;
  readonly minor: number;
}

/** A row of minor versions of one major version, both ends included. */
export interface VersionRange {
  readonly major: number;
  readonly oldest: number;
  readonly newest: number;
}

/** Newest first: the order in which a choice is made. */
export const SPOKEN_VERSIONS: readonly VersionRange[] = [
  { major: 5, oldest: 0, newest: 7 },
  { major: 4, oldest: 4, newest: 4 },
];

/**
 * How values and messages look for one client. `utc`: a datetime is sent by its seconds of UTC (always from 5.0; with
 * the patch `utc` in 4.4), otherwise by those of its local time.
 */
export interface Wire extends BoltVersion {
  readonly utc: boolean;
}

/** True for `version` being at least `major.minor`. */
export const isAtLeast = (version: BoltVersion, major: number, minor: number): boolean =>
  version.major > major || (version.major === major && version.minor >= minor);

/** The wire of a version; `utcPatched` tells that the client of 4.4 asked for the patch `utc` in its HELLO. */
export const wireOf = (version: BoltVersion, utcPatched = false): Wire => ({
  major: version.major,
  minor: version.minor,
  utc: utcPatched || version.major >= 5,
});
