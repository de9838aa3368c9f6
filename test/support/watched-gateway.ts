// A gateway in a process of its own, with a watch on its event loop, in front of a sandbox in this one; and clients that
// leave it.
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type {
  Fault,
  Sandbox,
  SandboxLimits,
  SandboxRequest,
  SandboxVideo,
} from '../../src/sandbox/server.ts';
import { eventually } from './eventually.ts';
import { startGatewayProcess } from './gateway-process.ts';
import { startSandbox } from './sandbox.ts';

const WATCH = new URL('./loop-watch.ts', import.meta.url);
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

/** How long a request is held: far longer than the gateway takes to notice that a client has left. */
const HELD_MS = 2_500;

type FaultOf = (request: SandboxRequest) => Fault | undefined;

/** A call under way. */
export type Call = {
  /** The parsed answer; undefined if the connection ended without one. */
  readonly answer: Promise<unknown>;
  /** The client closes its connection. Resolves once the gateway must have noticed. */
  leave(): Promise<void>;
};

export type Operation<Variables> = {
  readonly document: TypedDocumentNode<unknown, Variables>;
  readonly variables: Variables;
};

export type WatchedGateway = AsyncDisposable & {
  readonly sandbox: Sandbox;
  call<Variables>(operation: Operation<Variables>, headers?: Record<string, string>): Call;
  /** Sends the beginning of a body, and no more. */
  beginBody(headers?: Record<string, string>): Call;
  /** Resolves once the gateway has read everything that its clients have sent by now. */
  heard(): Promise<void>;
  /** The longest time since its start that the event loop was blocked, in milliseconds. */
  longestBlockMs(): Promise<number>;
};

/** @param env - the gateway's settings. */
export async function startWatchedGateway(
  options: { windowMs?: number; videos?: readonly SandboxVideo[] },
  env: Record<string, string>,
): Promise<WatchedGateway> {
  const sandbox = await startSandbox(options);
  const program = startGatewayProcess([], {
    APIVIDEO_API_KEY: 'sandbox-key',
    APIVIDEO_BASE_URL: sandbox.url,
    PORT: '0',
    NODE_OPTIONS: `--import=${WATCH}`,
    ...env,
  });
  const url = new URL(await program.url);
  const begin = (headers = {}): ClientRequest =>
    request(url, { method: 'POST', agent: false, headers: { ...HEADERS, ...headers } });
  // The gateway reads what has arrived in one turn of its loop. So once it has answered twice, it has read what arrived
  // before those requests.
  const heard = async () => {
    for (let turn = 0; turn < 2; turn += 1) await fetch(new URL('/health', url));
  };
  const toCall = (message: ClientRequest): Call => ({
    answer: readAnswer(message),
    async leave() {
      const closed = new Promise((resolve) => message.once('close', resolve));
      message.destroy();
      await closed;
      await heard();
    },
  });
  const longestBlockMs = async () => {
    const { length } = program.output.stderr;
    program.child.kill('SIGWINCH');
    return eventually(() => {
      const [, ms] = /longest (\S+) ms\n/.exec(program.output.stderr.slice(length)) ?? [];
      if (ms === undefined) throw new Error(`the watch has not answered: ${program.output.stderr}`);
      return Number(ms);
    });
  };

  // The first request of a process compiles what the others use. The watch begins after it.
  await fetch(url, { method: 'POST', headers: HEADERS, body: '{"query":"{ __typename }"}' });
  await longestBlockMs();
  return {
    sandbox,
    heard,
    longestBlockMs,
    call({ document, variables }, headers) {
      const message = begin(headers);
      message.end(JSON.stringify({ query: print(document), variables }));
      return toCall(message);
    },
    beginBody(headers) {
      const message = begin({ ...headers, 'content-length': '1000' });
      message.write('{"query":');
      return toCall(message);
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}

/** A project of its own in the sandbox of a passthrough gateway, as its clients and api.video see it. */
export type WatchedProject = Pick<WatchedGateway, 'heard'> & {
  readonly requests: () => SandboxRequest[];
  call<Variables>(operation: Operation<Variables>): Call;
  beginBody(): Call;
  setFault(fault: FaultOf): void;
  /** Holds these requests, and then answers them as usual. Resolves once `count` of them have arrived. */
  hold(isHeld: (request: SandboxRequest) => boolean, count?: number, others?: FaultOf): Promise<void>;
  /** Resolves once api.video has answered everything, and has got nothing for so long. */
  settled(quietMs: number): Promise<void>;
};

/** @returns a function that adds a project. */
export function createProjects({ sandbox, call, beginBody, heard }: WatchedGateway) {
  const faults = new Map<string, FaultOf>();
  // The call for a token names no project, but the key.
  const toName = ({ projectId, body }: SandboxRequest): string =>
    projectId ?? (typeof body === 'object' && body && 'apiKey' in body ? String(body.apiKey) : '');
  sandbox.setFault((each) => faults.get(toName(each))?.(each));

  return (title: string, videos: readonly SandboxVideo[], limits: SandboxLimits | null): WatchedProject => {
    const name = title.replaceAll(/\W/g, '-');
    sandbox.addProject({ apiKey: name, projectId: name, videos }).setLimits(limits);
    const headers = { authorization: `Basic ${Buffer.from(`${name}:`).toString('base64')}` };
    const requests = () => sandbox.requests.filter((each) => toName(each) === name);
    return {
      heard,
      requests,
      call: (operation) => call(operation, headers),
      beginBody: () => beginBody(headers),
      setFault: (fault) => void faults.set(name, fault),
      hold(isHeld, count = 1, others = () => undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        let held = 0;
        faults.set(name, (each) => {
          if (!isHeld(each)) return others(each);
          held += 1;
          if (held >= count) resolve();
          return { kind: 'delay', ms: HELD_MS };
        });
        return promise;
      },
      async settled(quietMs) {
        const isUnanswered = ({ status }: SandboxRequest) => status === undefined;
        for (let before = -1; before !== requests().length || requests().some(isUnanswered); ) {
          before = requests().length;
          await new Promise((resolve) => setTimeout(resolve, quietMs));
        }
      },
    };
  };
}

async function readAnswer(message: ClientRequest): Promise<unknown> {
  try {
    const [response] = await once(message, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
