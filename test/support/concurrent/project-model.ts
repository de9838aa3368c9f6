// The videos of one api.video project, their true lives, and what writes and other actors do to them.

import { type Event, type History, toVideoId } from './history.ts';
import { Life, RestoreLife } from './lives.ts';
import type { Moment } from './records.ts';
import type { VirtualTime } from './virtual-time.ts';

export class ProjectModel {
  readonly lives = new Map<string, Life>();
  readonly videoRestore: RestoreLife;
  readonly #history: History;
  readonly #time: VirtualTime;
  #created = 0;

  constructor(history: History, time: VirtualTime) {
    this.#history = history;
    this.#time = time;
    this.videoRestore = new RestoreLife(history.isRestoreOn);
    for (const [index, state] of history.videos.entries()) {
      const id = toVideoId(index);
      this.lives.set(id, new Life(id, state));
    }
    for (const event of history.events) time.at(event.at, () => this.#happen(event));
  }

  /** The status that upstream answers now. */
  toStatus(kind: 'delete' | 'restore', id: string): 200 | 204 | 404 {
    const state = this.lives.get(id)?.current.state ?? 'absent';
    const { dialect, secondDelete } = this.#history;
    if (kind === 'delete')
      return state === 'live' || (state === 'removed' && secondDelete !== 'refused') ? 204 : 404;
    return state === 'removed' || (state === 'live' && dialect === 'removed') ? 200 : 404;
  }

  /** @returns the state that begins, if one does. */
  delete(id: string, by: Moment['by']): Moment | undefined {
    const life = this.lives.get(id);
    const state = life?.current.state;
    if (state === 'live')
      return life?.become(this.videoRestore.isOn ? 'removed' : 'absent', this.#time.now, by);
    if (state === 'removed' && this.#history.secondDelete === 'destroys')
      return life?.become('absent', this.#time.now, by);
    return undefined;
  }

  restore(id: string, by: Moment['by']): Moment | undefined {
    const life = this.lives.get(id);
    return life?.current.state === 'removed' ? life.become('live', this.#time.now, by) : undefined;
  }

  /** An id for a video that is to be created. */
  nextId(): string {
    this.#created += 1;
    return `created${this.#created}`;
  }

  create(id: string, title: string, tags: readonly string[], by: Moment['by']): Moment {
    const life = new Life(id, 'absent', title, tags);
    this.lives.set(id, life);
    return life.become('live', this.#time.now, by);
  }

  #happen(event: Event): void {
    if (event.kind === 'switch') {
      this.videoRestore.turn(event.isOn, this.#time.now);
      return;
    }
    const id = toVideoId(event.video);
    const life = this.lives.get(id);
    if (event.kind === 'restore') this.restore(id, 'others');
    // Others do not delete twice.
    else if (event.kind === 'remove' && life?.current.state === 'live') this.delete(id, 'others');
    else if (event.kind === 'destroy' && life?.current.state !== 'absent')
      life?.become('absent', this.#time.now, 'others');
  }
}
