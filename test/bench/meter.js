// Loaded before any server that the benchmark starts, and alone by the bare process beside it: says what the process has
// used. JavaScript, so that the bare one loads no more than Node.js itself.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit(0));
