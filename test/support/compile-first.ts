// Before the first test: the gateway starts once, and writes the cache of what Node.js compiled. In a fresh clone there is
// none, and the tests that start it side by side would all compile it at once, which takes two cores most of a minute.
import { startGatewayProcess } from './gateway-process.ts';

export async function setup(): Promise<void> {
  await using program = startGatewayProcess(['--sandbox'], { PORT: '0' });
  await program.url;
  program.child.kill('SIGTERM');
  await program.ended;
}
