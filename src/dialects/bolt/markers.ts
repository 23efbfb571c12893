/** The first bytes of PackStream's values, and the tags of Bolt's structures and messages, as Neo4j specifies them. */

export const MARKERS = {
  tinyString: 0x80,
  tinyList: 0x90,
  tinyMap: 0xa0,
  tinyStructure: 0xb0,
  null: 0xc0,
  float: 0xc1,
  false: 0xc2,
  true: 0xc3,
  int8: 0xc8,
  int16: 0xc9,
  int32: 0xca,
  int64: 0xcb,
  bytes8: 0xcc,
  bytes16: 0xcd,
  bytes32: 0xce,
  string8: 0xd0,
  string16: 0xd1,
  string32: 0xd2,
  list8: 0xd4,
  list16: 0xd5,
  list32: 0xd6,
  map8: 0xd8,
  map16: 0xd9,
  map32: 0xda,
  /** From here integers from -16 on are their own byte. */
  tinyNegative: 0xf0,
} as const;

/** Tags of the structures that values are. */
export const STRUCTURES = {
  node: 0x4e,
  relationship: 0x52,
  unboundRelationship: 0x72,
  path: 0x50,
  date: 0x44,
  time: 0x54,
  localTime: 0x74,
  /** By UTC. */
  dateTime: 0x49,
  dateTimeZoned: 0x69,
  /** By local time: 4.4 without the patch `utc`. */
  dateTimeLegacy: 0x46,
  dateTimeZonedLegacy: 0x66,
  localDateTime: 0x64,
  duration: 0x45,
  point2d: 0x58,
  point3d: 0x59,
} as const;

/** Tags of messages to the server. */
export const REQUESTS = {
  hello: 0x01,
  goodbye: 0x02,
  reset: 0x0f,
  run: 0x10,
  begin: 0x11,
  commit: 0x12,
  rollback: 0x13,
  discard: 0x2f,
  pull: 0x3f,
  telemetry: 0x54,
  route: 0x66,
  logon: 0x6a,
  logoff: 0x6b,
} as const;

/** Tags of messages to the client. */
export const REPLIES = {
  success: 0x70,
  record: 0x71,
  ignored: 0x7e,
  failure: 0x7f,
} as const;
