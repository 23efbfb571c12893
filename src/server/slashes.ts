/**
 * Paths of clients that put a path behind a base URL which ends with a slash: `//api/v1/command`. Empty parts at the
 * beginning mean nothing, so they are passed over; further inside they may be a name, and stay.
 */

/** @param url path and query of a request line */
export function withOneSlash(url: string): string {
  return url.startsWith('//') ? url.replace(/^\/+/, '/') : url;
}
