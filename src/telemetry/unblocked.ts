// Opens an output of the process so that a write to it never waits for its reader. It writes nothing itself.
import { constants, fstatSync, openSync } from 'node:fs';

const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * A second file descriptor for the same output, whose writes fail with EAGAIN if its reader takes nothing more. A file
 * has no reader, and keeps its descriptor.
 *
 * @param fd - of standard output or standard error.
 */
export function openUnblocked(fd: number): number {
  if (fstatSync(fd).isFile()) return fd;
  try {
    // Opened anew, because a mode set on the descriptor itself also holds for every other process that shares it: each of
    // them could set it back, and would get EAGAIN from writes that expect to wait.
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    // A socket, a pipe of another user or without a reader, or no Linux: Node.js's own stream makes pipes and sockets
    // non-blocking as it opens them.
    void (fd === 2 ? process.stderr : process.stdout);
    return fd;
  }
}
