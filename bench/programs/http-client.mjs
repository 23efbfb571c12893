// One keep-alive connection over a bare socket, one request in flight: as little work as a client can have.
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

export class HttpClient {
  constructor(port) {
    this.host = `127.0.0.1:${port}`;
    this.rest = undefined;
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (piece) => this.read(piece));
    this.socket.on('error', (error) => this.fail?.(error));
    this.socket.on('close', () => this.fail?.(new Error('the server closed the connection')));
  }

  get(path) {
    return this.send(`GET ${path} HTTP/1.1\r\nHost: ${this.host}\r\n\r\n`);
  }

  post(path, body) {
    const type = 'Content-Type: application/json';
    return this.send(
      `POST ${path} HTTP/1.1\r\nHost: ${this.host}\r\n${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  /** Body of the answer as text. @throws when its status is not 200 */
  send(text) {
    return new Promise((resolve, reject) => {
      this.done = resolve;
      this.fail = reject;
      this.socket.write(text);
    });
  }

  read(piece) {
    const data = this.rest === undefined ? piece : Buffer.concat([this.rest, piece]);
    this.rest = data;
    const headEnd = data.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = data.latin1Slice(0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (!head.startsWith('HTTP/1.1 200') || Number.isNaN(length)) {
      this.fail(new Error(`unexpected answer: ${data.utf8Slice(0, 2000)}`));
      return;
    }
    const end = headEnd + 4 + length;
    if (data.length < end) return;
    this.rest = undefined;
    this.done(data.utf8Slice(headEnd + 4, end));
  }

  close() {
    this.fail = undefined;
    this.socket.destroy();
  }
}
