// Deletes and restores, and keeps what comes of it: calls on their way, failures, and what would be permanent. It lives as long as
// the page, so that nothing is lost when the tab changes.
import type { ApolloClient } from '@apollo/client';
import { checkConnection, isOffline } from '../session/connection.ts';
import { explain, isAnswerLost } from '../session/faults.ts';
import { type Act, faults } from '../words.ts';
import { done, found, undo as undoWords, report as words } from '../words-of-acts.ts';
import type { ActsState, Surroundings } from './acts.ts';
import { type Call, toName } from './call.ts';
import { createKey } from './create-key.ts';
import { judge, toLost, toWanted } from './judge.ts';
import { type Failure, isGone, type Outcome, toSettled } from './outcome.ts';
import { readIsOvertaken } from './overtaken.ts';
import { isOpen, Reports } from './reports.ts';
import { say } from './say.ts';
import { send } from './send.ts';
import { readTrueStates, type States } from './true-states.ts';
import { type Deletion, Undo } from './undo.ts';

/** More than so many go on in the background, where a reload or a lost connection does not stop them. */
const MOST_IN_FOREGROUND = 50;
/** First when what was sent has mostly settled; then when a gateway that has gone on with the call has ended it. */
const LOOKS_AFTER_MS = [3_000, 30_000];

export class ActRunner {
  readonly #client: ApolloClient;
  readonly #onChange: (state: ActsState) => void;
  /** As of now: the limits, and what operations work on, change while the page lives. */
  readonly #surroundings: () => Surroundings;
  readonly #undo: Undo;
  readonly #reports = new Reports();
  /** The videos that calls work on, each with what ends with its call. */
  readonly #sent = new Map<string, Promise<void>>();
  /** Of operations of which it is not known whether they have begun. */
  readonly #keys = new Map<string, string>();
  #calls: readonly Call[] = [];
  #refused: readonly string[] = [];

  constructor(client: ApolloClient, onChange: (state: ActsState) => void, surroundings: () => Surroundings) {
    this.#client = client;
    this.#onChange = onChange;
    this.#surroundings = surroundings;
    this.#undo = new Undo((ids) => void this.#restoreWhenFree(ids));
    this.#undo.listen();
  }

  run(act: Act, ids: readonly string[]): void {
    void this.#run({ act, ids, isPermanentAllowed: false });
  }

  /** Makes a call again that had no results, with the same key if it may have begun an operation. */
  repeat(call: Call): void {
    if (call.isPermanentAllowed) this.ask(call.ids);
    else void this.#run(call);
  }

  ask(refused: readonly string[]): void {
    this.#refused = [...new Set([...this.#refused, ...refused])];
    this.#publish();
  }

  confirm(ids: readonly string[]): void {
    this.keep(ids);
    void this.#run({ act: 'delete', ids, isPermanentAllowed: true });
  }

  keep(ids: readonly string[]): void {
    const decided = new Set(ids);
    this.#refused = this.#refused.filter((id) => !decided.has(id));
    this.#publish();
  }

  look(act: Act): void {
    const open = this.#reports.of(act)?.failures.filter(isOpen) ?? [];
    void this.#look(
      act,
      open.map(({ videoId }) => videoId),
    );
  }

  lookAtAll(): void {
    for (const { act } of this.#reports.list) this.look(act);
  }

  dismiss(act: Act): void {
    for (const { call } of this.#reports.of(act)?.unanswered ?? []) this.#keys.delete(toName(call));
    this.#reports.drop(act);
    this.#publish();
  }

  /** A later call may work on one of them, such as its next deletion. */
  async #restoreWhenFree(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#sent.get(id)));
    this.run('restore', ids);
  }

  async #run({ ids: wanted, ...others }: Call): Promise<void> {
    const inOperations = this.#surroundings().inOperations[others.act];
    const ids = wanted.filter((id) => !this.#sent.has(id) && !inOperations.has(id));
    if (ids.length === 0) {
      // A second press says nothing new, but what an operation works on may be on the other tab.
      if (wanted.some((id) => inOperations.has(id))) say(words.busy(others.act, wanted.length));
      return;
    }
    const call = { ...others, ids };
    const { maxBackgroundIds } = this.#surroundings();
    if (ids.length > maxBackgroundIds) {
      this.#noteUnanswered(call, words.tooMany(maxBackgroundIds));
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const id of ids) this.#sent.set(id, promise);
    this.#calls = [...this.#calls, call];
    this.#reports.note(call.act, ids, []);
    this.#publish();
    const deletion = call.act === 'delete' ? this.#undo.begin() : undefined;
    const tell = await this.#send(call, deletion);
    for (const id of ids) this.#sent.delete(id);
    this.#calls = this.#calls.filter((each) => each !== call);
    resolve();
    tell();
    this.#publish();
  }

  /** @returns what tells what has come of it, once the videos are free for other calls. */
  async #send(call: Call, deletion: Deletion | undefined): Promise<() => void> {
    const { act, ids } = call;
    const name = toName(call);
    const lostKey = this.#keys.get(name);
    const isInBackground = ids.length > Math.min(MOST_IN_FOREGROUND, this.#surroundings().maxIds);
    const key = isInBackground ? (lostKey ?? createKey()) : undefined;
    // A call that may have begun before may have begun whatever comes of this one.
    const toUnanswered = (text: string) => {
      deletion?.forget();
      const isKnown = lostKey === undefined;
      return () => this.#noteUnanswered(call, isKnown ? text : words.startUnknown(act, ids.length));
    };
    // Of what goes into a dead network, nobody knows whether it has left. So ask first.
    if (isOffline()) await checkConnection();
    if (isOffline()) return toUnanswered(faults.notSentOffline);
    try {
      const outcome = await send(this.#client, call, key);
      const { maxIds } = this.#surroundings();
      const isAnew = lostKey !== undefined && (await readIsOvertaken(this.#client, call, outcome, maxIds));
      this.#keys.delete(name);
      if (isAnew) return this.#send(call, deletion);
      return () => this.#tell(call, outcome, deletion);
    } catch (error) {
      if (!isAnswerLost(error)) return toUnanswered(words.unsent(act, explain(error)));
      if (key !== undefined) {
        this.#keys.set(name, key);
        return toUnanswered(words.startUnknown(act, ids.length));
      }
      deletion?.forget();
      return () => {
        this.#note(call, ids.map(toLost));
        void this.#lookLater(call);
      };
    }
  }

  #tell(call: Call, outcome: Outcome, deletion: Deletion | undefined): void {
    const { mayRestore, onSettled, onOperation } = this.#surroundings();
    const { act } = call;
    const { removed, refused, failures, operation, mistake } = outcome;
    // An operation is undone in its strip, also if it has ended already and its results are here.
    const mayUndo = operation === undefined && removed.length > 0 && mayRestore;
    if (!mayUndo) deletion?.forget(operation && undoWords.inStrip);
    if (operation) onOperation(operation, call);
    else if (mistake !== undefined) this.#noteUnanswered(call, words.unsent(act, mistake));
    else {
      this.#note(call, failures);
      if (refused.length > 0) this.ask(refused);
      const gone = failures.filter(isGone).map(({ videoId }) => videoId);
      onSettled(act, [...toSettled(outcome), ...gone]);
      const text = done(outcome).join(' · ');
      if (mayUndo) deletion?.offer(text, removed);
      else if (text) say(text);
    }
  }

  async #lookLater({ act, ids }: Call): Promise<void> {
    let open = ids;
    for (const ms of LOOKS_AFTER_MS) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      // What was sent again since tells by its own answer.
      open = await this.#look(
        act,
        open.filter((id) => !this.#sent.has(id)),
      );
    }
  }

  /** @returns the videos that are not as the act wanted, as far as the app can see. */
  async #look(act: Act, ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const { maxIds } = this.#surroundings();
    const noted = this.#reports.findOpen(act, ids);
    this.#reports.noteLook(act, { isLooking: true, lookFault: undefined });
    this.#publish();
    const at = Date.now();
    let states: States = new Map();
    let lookFault: string | undefined;
    try {
      states = await readTrueStates(this.#client, ids, maxIds);
      if (states.size < ids.length) lookFault = words.partlyUnread;
    } catch (error) {
      lookFault = explain(error);
    }
    // What has changed in the report meanwhile is newer.
    const current = new Set(this.#reports.findOpen(act, ids));
    const { settled, failures } = judge(
      act,
      noted.filter((each) => current.has(each)),
      states,
      at,
    );
    this.#reports.note(act, [...settled, ...failures.map(({ videoId }) => videoId)], failures);
    this.#reports.noteLook(act, { isLooking: false, lookFault });
    this.#publish();
    // Also if the report was dismissed meanwhile: nothing is left to do with these.
    const isOver = (id: string) => states.get(id) === toWanted(act) || states.get(id) === 'gone';
    this.#surroundings().onSettled(act, ids.filter(isOver));
    const text = found(settled.map((id) => states.get(id) ?? 'gone')).join(' · ');
    if (text) say(text);
    return ids.filter((id) => !isOver(id));
  }

  #note({ act, ids, isPermanentAllowed }: Call, failures: readonly Failure[]): void {
    const at = Date.now();
    this.#reports.note(
      act,
      ids,
      failures.map((failure) => ({ ...failure, at, isPermanentAllowed })),
    );
  }

  #noteUnanswered(call: Call, text: string): void {
    this.#reports.noteUnanswered(call, text);
    this.#publish();
  }

  #publish(): void {
    this.#onChange({ calls: this.#calls, reports: this.#reports.list, refused: this.#refused });
  }
}
