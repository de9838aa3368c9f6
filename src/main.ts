#!/usr/bin/env node
// The entry point. Node.js can read it from version 14.8 on, the first with a top-level `await`. It loads what old versions
// cannot read only after the check: they fail with an error of syntax before they run a line of a file or of its imports.
import './server/check-node.js';

await import('./program.ts');
