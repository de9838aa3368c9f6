import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

const SHOWN = 10;

/** Ends the run with the files whose tests took longest, without the time of their imports. */
export default class SlowReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => ({
      path: relative(process.cwd(), module.moduleId),
      seconds: module.diagnostic().duration / 1000,
      tests: [...module.children.allTests()].length,
    }));
    const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, SHOWN);
    const lines = slowest.map(
      ({ path, seconds, tests }) => `${seconds.toFixed(1).padStart(7)} s  ${path} (${tests} tests)`,
    );
    process.stdout.write(`\nThe ${lines.length} slowest files:\n${lines.join('\n')}\n\n`);
  }
}
