// Loaded before any server that the benchmark starts, and alone by the bare process beside it: says what the process has
// used, and how late its event loop was. JavaScript, so that the bare one loads no more than Node.js itself.
let loop;
process.on('message', async (message) => {
  if (message === 'watchLoop') {
    const { monitorEventLoopDelay } = await import('node:perf_hooks');
    loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    process.send({});
  }
  if (message === 'loopDelay') process.send({ p99Ms: loop.percentile(99) / 1e6, longestMs: loop.max / 1e6 });
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit(0));
