// Ends the process if its version of Node.js is too old, with one sentence. Plain JavaScript that old versions can run: the
// npm scripts run it first, and the program imports it first.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  const isScript = String(process.argv[1]).endsWith('check-node.js');
  process.stderr.write(
    isScript
      ? `Node.js 22.19 or newer is required, and this is ${process.versions.node}. The development dependency "node" was not fully installed: run "npm ci" again and allow its install script.\n`
      : `apivideo-graphql needs Node.js 22.19 or newer, and this is ${process.versions.node}.\n`,
  );
  process.exit(1);
}
