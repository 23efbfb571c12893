/** Front door of the server: what the command line and the tests start it with. */
export { type Config, type ConfigSources, clientVariable, readConfig } from './config.ts';
export { checkConfig } from './config-checks.ts';
export { configReference, printConfig } from './config-reference.ts';
export { loadKeyFile, startServer } from './load.ts';
export { createLog, type Log, type LogLevel } from './log.ts';
export { formatAddress, type ListenAddress, parseAddress, readableValue } from './option-values.ts';
export { OPTION_GROUPS, OPTION_ROWS, type OptionKey, type OptionRow } from './options.ts';
export { hashPassword, newToken } from './secrets.ts';
export type { Endpoint, RunningServer, StartOptions } from './start.ts';
export { parseTokenFile, tokensIn } from './token-file.ts';
