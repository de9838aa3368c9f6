// Runs before `npm start` and `npm test`, on whatever Node.js there is: plain JavaScript that any version understands.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `Node.js 22.19 or newer is required, and this is ${process.versions.node}. The development dependency "node" was not fully installed: run "npm ci" again and allow its install script.\n`,
  );
  process.exit(1);
}
