#!/usr/bin/env node
// The entry point. It is written so that old versions of Node.js can read it, and loads what they cannot read only after
// the check: they fail with an error of syntax before they run a line of a file or of its imports.
import './server/check-node.js';

await import('./program.ts');
