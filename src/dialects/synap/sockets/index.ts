/** Front door of the sockets. */
export { commandSocket } from './command-socket.ts';
export { MODEL_SOCKETS } from './model-sockets.ts';
