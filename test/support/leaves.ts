/** The type of parsed JSON whose leaves a test compares, whatever their types are. */

// biome-ignore lint/suspicious/noExplicitAny: a wrong type of a leaf fails the comparison
export type Leaves = any;
