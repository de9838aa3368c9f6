// Preloaded into a gateway's process, where it watches the event loop. Each SIGWINCH makes it write one line: the longest
// time in milliseconds that the thread has computed without a turn of the loop, since the first such signal.
//
// It counts the thread's CPU time, not the time on a clock: on a busy machine a process waits for its turn, and that is no
// fault of its own. A loop that spins computes all the time.
const TICK_MS = 10;

let before = process.threadCpuUsage();
let longestMs = 0;

function measure(): void {
  const { user, system } = process.threadCpuUsage(before);
  longestMs = Math.max(longestMs, (user + system) / 1000);
  before = process.threadCpuUsage();
}

setInterval(measure, TICK_MS).unref();

let isStarted = false;
process.on('SIGWINCH', () => {
  measure();
  if (!isStarted) longestMs = 0;
  isStarted = true;
  process.stderr.write(`longest ${longestMs} ms\n`);
});
