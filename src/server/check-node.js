// Runs before `npm start` and `npm test`, on any version of Node.js: plain JavaScript that old versions can run.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `Node.js 22.19 or newer is required, and this is ${process.versions.node}. The development dependency "node" was not fully installed: run "npm ci" again and allow its install script.\n`,
  );
  process.exit(1);
}
