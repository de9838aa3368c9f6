// An in-memory imitation of api.video, as a real HTTP server, for tests, demonstrations and benchmarks. It stores
// nothing on disk, and answers 404 for any part of the API that it does not imitate.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerRequest, type Upstream } from './answer-request.ts';
import { type AssetRequest, readAssetRequest } from './asset-urls.ts';
import { findProject } from './authenticate.ts';
import { pause } from './delay.ts';
import { answerWithFault, type Exchange } from './faults.ts';
import { internalError } from './problems.ts';
import { type ReceivedBody, readBody } from './read-body.ts';
import { RequestLog } from './request-log.ts';
import { ProjectState, type Surroundings } from './sandbox-project.ts';
import { Tokens } from './tokens.ts';
import type {
  Fault,
  NewProject,
  Sandbox,
  SandboxOptions,
  SandboxProject,
  SandboxRequest,
  SandboxVideo,
} from './types.ts';
import { sendWhole, toWire } from './wire.ts';

export { createVideo } from './create-video.ts';
export type {
  Dialect,
  Fault,
  NewProject,
  Sandbox,
  SandboxLimits,
  SandboxOptions,
  SandboxProject,
  SandboxRequest,
  SandboxVideo,
  SecondDelete,
} from './types.ts';

type FaultOf = (request: SandboxRequest) => Fault | undefined;

/** Resolves once it listens; rejects if it cannot listen on the port. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = new RunningSandbox(options);
  await sandbox.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  return sandbox;
}

/** The first project, and the server around it. */
class RunningSandbox extends ProjectState implements Sandbox {
  url = '';
  readonly #surroundings: Surroundings;
  readonly #projects = new Map<string, ProjectState>();
  readonly #manners: Upstream['manners'];
  readonly #latencyMs: number;
  readonly #server: Server;
  readonly #log = new RequestLog();
  #faultOf: FaultOf | undefined;
  #isClosed = false;

  constructor(options: SandboxOptions) {
    const now = options.now ?? Date.now;
    const surroundings: Surroundings = {
      tokens: new Tokens(options.tokenLifetimeSeconds ?? 3600, now),
      limits: options.limits === undefined ? { reads: 500, writes: 200 } : options.limits,
      windowMs: options.windowMs ?? 60_000,
      lagMs: options.lagMs ?? 0,
      now,
    };
    const { projectId = 'prSandbox', apiKey = 'sandbox-key', videos = [], videoRestore = true } = options;
    super({ projectId, apiKey, videos, videoRestore }, surroundings);
    this.#projects.set(projectId, this);
    this.#surroundings = surroundings;
    this.#manners = {
      dialect: options.dialect ?? 'discarded',
      secondDelete: options.secondDelete ?? 'not-found',
      restoreAnswer: options.restoreAnswer ?? 'fresh',
      now,
    };
    this.#latencyMs = options.latencyMs ?? 0;
    this.#server = createServer((message, response) => void this.#serve(message, response));
    // Longer than any client keeps an idle connection, so that the server does not close one under a request.
    this.#server.keepAliveTimeout = 120_000;
  }

  get requests(): readonly SandboxRequest[] {
    return this.#log.entries;
  }

  get maxInFlight(): number {
    return this.#log.maxInFlight;
  }

  clearRequests(): void {
    this.#log.clear();
  }

  setFault(fault: FaultOf | undefined): void {
    this.#faultOf = fault;
  }

  addProject(fields: NewProject): SandboxProject {
    for (const project of this.#projects.values()) {
      if (project.projectId === fields.projectId || project.apiKey === fields.apiKey) {
        throw new Error(`A project with the id ${fields.projectId} or with the same API key already exists.`);
      }
    }
    const project = new ProjectState(fields, this.#surroundings);
    this.#projects.set(project.projectId, project);
    return project;
  }

  async listen(port: number, host: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(port, host, resolve);
    await promise;
    const address = this.#server.address();
    if (address === null || typeof address === 'string')
      throw new Error('The sandbox is not listening on a TCP port.');
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (!this.#server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = message;
    const asset = readAssetRequest(method, url);
    if (asset) return this.#servePicture(asset, response);
    const request = this.#log.add(message, response);
    // A client that disconnects during its request is not an error of the server.
    message.on('error', () => {});
    response.on('error', () => {});
    try {
      const body = await readBody(message).catch(() => undefined);
      if (!body) return;
      request.body = body.json;
      request.projectId = findProject(message.headers.authorization, this.#upstream.keyring)?.projectId;
      const fault = this.#faultOf?.(request);
      await pause(this.#latencyMs);
      await answerWithFault(fault, this.#exchange(request, body, response));
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendWhole(response, toWire(internalError(String(error)), this.#date()));
    }
  }

  async #servePicture({ videoId, kind }: AssetRequest, response: ServerResponse): Promise<void> {
    // What draws them is loaded only where somebody looks.
    const { answerPicture } = await import('./pictures.ts');
    sendWhole(response, answerPicture(this.#see(videoId), kind));
  }

  #exchange(request: SandboxRequest, body: ReceivedBody, response: ServerResponse): Exchange {
    const act = (takesEffect: boolean) => {
      const { answer, reached } = answerRequest(request, body, this.#upstream);
      if (takesEffect && reached && !this.#isClosed) {
        answer.commit?.();
        request.actedAt = performance.now();
      }
      return toWire(answer, this.#date());
    };
    return { request, response, act, date: () => this.#date() };
  }

  /** Ids are unique in all projects, as at api.video. */
  #see(videoId: string): SandboxVideo | undefined {
    for (const { store } of this.#projects.values()) {
      const video = store.see(videoId);
      if (video) return video;
    }
    return undefined;
  }

  get #upstream(): Upstream {
    const keyring = { projects: this.#projects, tokens: this.#surroundings.tokens };
    return { keyring, manners: this.#manners, url: this.url };
  }

  #date(): string {
    return new Date(this.#manners.now()).toUTCString();
  }
}
