// A connection that a test writes byte by byte, as no client would.
import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from './eventually.ts';

export type RawConnection = Disposable & {
  write(text: string | Uint8Array): void;
  /** Everything that has come back so far. */
  text(): string;
  /** Resolves with everything that came back, once it matches. */
  received(pattern: RegExp): Promise<string>;
  /** Resolves with everything that came back, once the other side has closed the connection. */
  readonly closed: Promise<string>;
  /** Stops reading, and goes on. */
  pause(): void;
  resume(): void;
};

export async function openConnection(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  await once(socket, 'connect');
  return {
    write: (part) => void socket.write(part),
    text: () => text,
    received: (pattern) =>
      eventually(() => {
        if (!pattern.test(text)) throw new Error(`expected ${pattern}, and got ${text.slice(0, 500)}`);
        return text;
      }),
    closed,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** The statuses of the answers in a text, in their order. */
export function readStatuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
}
