/** Why a WebSocket is closed, in the numbers of RFC 6455 section 7.4.1. */

/** The client asked for it. */
export const NORMAL_CLOSE = 1_000;

/** The server stops. */
export const GOING_AWAY = 1_001;

/** A binary message where only texts are taken. */
export const UNSUPPORTED_DATA = 1_003;

/** What was asked for cannot be had, or not any more: the reason is the code of the error. */
export const POLICY_VIOLATION = 1_008;

/** A fault of the server. */
export const INTERNAL_FAULT = 1_011;

/** Come back later: the client reads too slowly, or there is no room. */
export const TRY_AGAIN_LATER = 1_013;

// Of applications (RFC 6455 section 7.4.2), by the status that HTTP would have.

/** The client did not say who it is, or not truly. */
export const UNAUTHORIZED_CLOSE = 4_401;

/** It may not do this. */
export const FORBIDDEN_CLOSE = 4_403;
