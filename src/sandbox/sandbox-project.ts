// One project of the sandbox as tests use it: its videos, its limits, its Video Restore switch and its credentials.
import { RateLimit } from './rate-limit.ts';
import type { Tokens } from './tokens.ts';
import type { NewProject, SandboxLimits, SandboxProject, SandboxVideo } from './types.ts';
import { type VideoState, VideoStore } from './video-store.ts';

/** What the projects of one sandbox share. */
export type Surroundings = {
  readonly tokens: Tokens;
  readonly limits: SandboxLimits | null;
  readonly windowMs: number;
  readonly lagMs: number;
  readonly now: () => number;
};

export class ProjectState implements SandboxProject {
  readonly projectId: string;
  readonly apiKey: string;
  videoRestore: boolean;
  readonly store: VideoStore;
  readonly rateLimit: RateLimit;
  readonly #tokens: Tokens;
  #keyIsValid = true;

  constructor(
    { projectId, apiKey, videos = [], videoRestore = true }: NewProject,
    surroundings: Surroundings,
  ) {
    this.projectId = projectId;
    this.apiKey = apiKey;
    this.videoRestore = videoRestore;
    this.store = new VideoStore(surroundings.now, surroundings.lagMs);
    this.store.add(videos);
    this.rateLimit = new RateLimit(surroundings.limits, surroundings.windowMs, surroundings.now);
    this.#tokens = surroundings.tokens;
  }

  accepts(apiKey: string): boolean {
    return this.#keyIsValid && apiKey === this.apiKey;
  }

  state(videoId: string): VideoState {
    return this.store.state(videoId);
  }

  videos(): SandboxVideo[] {
    return this.store.all();
  }

  addVideos(videos: readonly SandboxVideo[]): void {
    this.store.add(videos);
  }

  remove(videoId: string): void {
    this.store.remove(videoId);
  }

  restore(videoId: string): void {
    this.store.restore(videoId);
  }

  destroy(videoId: string): void {
    this.store.destroy(videoId);
  }

  revokeTokens(): void {
    this.#tokens.revokeAccess(this.projectId);
  }

  revokeKey(): void {
    this.#keyIsValid = false;
    this.#tokens.revokeAccess(this.projectId);
    this.#tokens.revokeRefresh(this.projectId);
  }

  setLimits(limits: SandboxLimits | null): void {
    this.rateLimit.set(limits);
  }

  spend(kind: 'reads' | 'writes', count: number): void {
    this.rateLimit.spend(kind, count);
  }
}
