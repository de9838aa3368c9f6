// Collects what the pages of a browser context complain of: errors and warnings in the console, exceptions and rejections
// that nobody caught, violations of the content security policy, and requests to any other origin than the given ones.
import type { BrowserContext, ConsoleMessage, Request } from 'playwright-core';

export type Watch = {
  /** Complaints that match are left out, also those that are there already. */
  readonly allow: (pattern: RegExp) => void;
  readonly complaints: () => readonly string[];
  /** Waits until the browser has passed on what the pages have said so far. */
  readonly flush: () => Promise<void>;
};

/** In each page and frame, before its own scripts. Reports of a policy that only reports count too. */
const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, sample }) =>
  reportViolation([effectiveDirective, blockedURI, sourceFile, sample].filter(Boolean).join(' ')));`;

export async function watchComplaints(
  context: BrowserContext,
  origins: readonly string[],
  expected: RegExp | readonly RegExp[],
): Promise<Watch> {
  const allowed = [expected].flat();
  const seen: string[] = [];

  context.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint) seen.push(describe(message));
  });
  context.on('weberror', (error) => seen.push(`uncaught: ${error.error().stack ?? error.error().message}`));
  context.on('request', (request) => {
    if (isForeign(request, origins)) seen.push(`request to another host: ${request.url()}`);
  });
  context.on('page', (page) => page.on('crash', () => seen.push(`crash: ${page.url()}`)));
  await context.exposeBinding('reportViolation', (_source, text: string) => {
    seen.push(`content security policy: ${text}`);
  });
  await context.addInitScript(REPORT_VIOLATIONS);

  return {
    allow: (pattern) => allowed.push(pattern),
    complaints: () => seen.filter((text) => !allowed.some((pattern) => pattern.test(text))),
    async flush() {
      // Two, as what a page does in answer to the first one comes before the second. A page may be closed by now.
      for (const _ of [1, 2])
        await Promise.all(context.pages().map((page) => page.evaluate('0').catch(() => {})));
    },
  };
}

function describe(message: ConsoleMessage): string {
  const { url } = message.location();
  return `console ${message.type()}: ${message.text()}${url ? ` (${url})` : ''}`;
}

function isForeign(request: Request, origins: readonly string[]): boolean {
  const { protocol, origin } = new URL(request.url());
  return /^(https?|wss?):$/.test(protocol) && !origins.includes(origin);
}
