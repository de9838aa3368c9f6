/**
 * The gateway as a library: `createGateway` to mount in your own Node.js server, `readConfig` for its settings. It
 * starts nothing and reads no environment by itself.
 *
 * @example
 * At `/graphql`, beside the pages of an application:
 * ```js
 * import { createServer } from 'node:http';
 * import { createGateway, createLogger, readConfig } from 'apivideo-graphql';
 *
 * const config = readConfig(process.env);
 * const gateway = await createGateway(config, await createLogger(config.logLevel, process.stdout));
 *
 * const server = createServer((request, response) => {
 *   if (request.url?.split('?')[0] === '/graphql') gateway.handle(request, response);
 *   else response.end('the application');
 * });
 * server.listen(3000, '127.0.0.1', () => {
 *   gateway.readiness.status = 'ready';
 * });
 *
 * process.once('SIGTERM', () => {
 *   gateway.drain();
 *   server.close(() => gateway.close());
 * });
 * ```
 *
 * @module
 */
export type { Config } from './config/config.ts';
export { ConfigError, readConfig } from './config/read-config.ts';
export { createGateway, type Gateway } from './gateway.ts';
export type { Readiness } from './plugins/health.ts';
export { createLogger } from './telemetry/logger.ts';
