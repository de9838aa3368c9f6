// A named pipe as the output of a log. Its reader can stop, leave and come back.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

export type Fifo = Disposable & {
  /** The end to write to: for a logger of this process, or as the standard output of another. */
  readonly fd: number;
  /** Takes everything that the pipe holds, and returns everything that it has ever taken, without the filling. */
  readonly read: () => string;
  /** Fills the pipe to the last byte. */
  readonly fill: () => void;
  /** Closes the reader's end. */
  readonly leave: () => void;
  readonly comeBack: () => void;
};

const FILLING = '\0';

export function createFifo(): Fifo {
  const folder = mkdtempSync(join(tmpdir(), 'fifo-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const openReader = () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let reader: number | undefined = openReader();
  const openWriter = () => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const fd = openWriter();
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(65_536);
  let taken = '';

  return {
    fd,
    read() {
      for (let length = 1; reader !== undefined && length > 0; ) {
        length = whileReady(() => readSync(reader ?? fd, chunk)) ?? 0;
        taken += decoder.write(chunk.subarray(0, length)).replaceAll(FILLING, '');
      }
      return taken;
    },
    fill() {
      // Opened anew: a process that was started with `fd` may have made it wait for the reader.
      const filler = openWriter();
      // A pipe takes a short text whole or not at all, so the last bytes go one by one.
      for (const text of [FILLING.repeat(4096), FILLING])
        while (whileReady(() => writeSync(filler, text)) !== undefined);
      closeSync(filler);
    },
    leave() {
      if (reader !== undefined) closeSync(reader);
      reader = undefined;
    },
    comeBack() {
      reader = openReader();
    },
    [Symbol.dispose]() {
      if (reader !== undefined) closeSync(reader);
      closeSync(fd);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Undefined if the pipe is empty or full. */
function whileReady(act: () => number): number | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
