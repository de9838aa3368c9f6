// api.video on virtual time, as a transport for each gateway. It answers requests by the true state of its videos, or by an
// older one; loses some of them; and keeps a record of all that it saw.
import type { HttpAnswer, HttpRequest, Transport } from '../../../src/upstream/transport.ts';
import { AnswerLostError, NotSentError } from '../../../src/upstream/upstream-errors.ts';
import { Bodies, GARBLED, MISSING, NO_BODY, UNKNOWN_PATH } from './bodies.ts';
import { type Fate, Fates } from './fates.ts';
import type { History } from './history.ts';
import { ProjectModel } from './project-model.ts';
import { RateLimits } from './rate-limits.ts';
import { type Read, type Sender, toSender, type Write, type WriteEnd } from './records.ts';
import { type Route, toRoute } from './routes.ts';
import type { VirtualTime } from './virtual-time.ts';

type Reply = {
  readonly status: number;
  readonly body: Buffer;
  readonly headers?: Record<string, string>;
  /** How a write that gets this reply has ended. */
  readonly end: WriteEnd;
};

/** Settles one request, once. */
type Exchange = {
  readonly sentAt: number;
  /** What it shows of videos, if its answer arrives. */
  shows: readonly Pick<Read, 'id' | 'of' | 'showed'>[];
  readonly answer: (reply: Reply) => void;
  readonly fail: (end: 'lost' | 'unsent') => void;
};

export class Upstream {
  readonly project: ProjectModel;
  readonly writes: Write[] = [];
  readonly reads: Read[] = [];
  requests = 0;
  readonly #history: History;
  readonly #time: VirtualTime;
  readonly #fates: Fates;
  readonly #bodies: Bodies;
  readonly #limits: RateLimits;

  constructor(history: History, time: VirtualTime) {
    this.#history = history;
    this.#time = time;
    this.project = new ProjectModel(history, time);
    this.#fates = new Fates(history);
    this.#bodies = new Bodies(history);
    this.#limits = new RateLimits(history.limits);
  }

  createTransport(timeoutMs: number): Transport {
    return { send: (request) => this.#send(request, timeoutMs) };
  }

  #send(request: HttpRequest, timeoutMs: number): Promise<HttpAnswer> {
    this.requests += 1;
    const sentAt = this.#time.now;
    const { authorization } = request.headers;
    const sender = toSender(authorization);
    const route = toRoute(request, this.#history.dialect);
    const isWrite = request.method !== 'GET';
    const fate = this.#fates.next(`${authorization}`, `${request.method} ${request.path}`, isWrite);
    const write = isWrite ? this.#note(route, sender, sentAt) : undefined;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const end = (how: WriteEnd, settle: () => void) => {
        cancelTimeout();
        if (isOver) return;
        isOver = true;
        if (write) {
          write.end = how;
          write.endedAt = this.#time.now;
        }
        settle();
      };
      const exchange: Exchange = {
        sentAt,
        shows: [],
        answer: ({ status, body, headers, end: how }) => {
          const date = this.#bodies.toDate(this.#time.now);
          this.#time.at(this.#time.now + fate.backMs, () =>
            end(how, () => {
              if (how !== 'failed' && body !== GARBLED)
                for (const each of exchange.shows)
                  this.reads.push({ ...sender, ...each, sentAt, answeredAt: this.#time.now });
              resolve({ status, headers: { date, ...headers }, body, sentAt, receivedAt: this.#time.now });
            }),
          );
        },
        fail: (how) =>
          end(how, () =>
            reject(how === 'lost' ? new AnswerLostError('reset', sentAt) : new NotSentError('refused')),
          ),
      };
      const cancelTimeout = this.#time.at(sentAt + timeoutMs, () => exchange.fail('lost'));
      this.#time.at(sentAt + fate.outMs, () => this.#arrive(route, write, sender, fate, exchange));
    });
  }

  #note(route: Route, sender: Sender, sentAt: number): Write | undefined {
    const act = route.kind;
    if (act !== 'delete' && act !== 'restore' && act !== 'create')
      throw new Error('a write that nobody knows');
    const id = act === 'create' ? this.project.nextId() : route.id;
    const write: Write = {
      ...sender,
      act,
      id,
      sentAt,
      end: 'pending',
      endedAt: Number.POSITIVE_INFINITY,
      effect: undefined,
    };
    this.writes.push(write);
    return write;
  }

  #arrive(route: Route, write: Write | undefined, sender: Sender, fate: Fate, exchange: Exchange): void {
    const outage = this.#history.outages.find(
      ({ at, ms }) => at <= this.#time.now && this.#time.now < at + ms,
    );
    if (fate.kind === 'unsent' || outage?.kind === 'unreachable') exchange.fail('unsent');
    else if (this.#isRevoked(sender)) exchange.answer({ status: 401, body: NO_BODY, end: 'unauthorized' });
    else if (outage?.kind === 'failing') exchange.answer({ status: 503, body: NO_BODY, end: 'failed' });
    // If upstream is silent, the sender gives up in the end.
    else if (!outage) this.#reply(route, write, fate, exchange);
  }

  #isRevoked({ call }: Sender): boolean {
    const revokedAt = this.#history.calls[call]?.revokedAt ?? Number.POSITIVE_INFINITY;
    return this.#time.now >= revokedAt;
  }

  #reply(route: Route, write: Write | undefined, fate: Fate, exchange: Exchange): void {
    const { isAllowed, headers } = this.#limits.count(write ? 'writes' : 'reads', this.#time.now);
    if (!isAllowed) {
      exchange.answer({ status: 429, body: NO_BODY, headers, end: 'limited' });
      return;
    }
    const reply = write ? this.#write(route, write, fate) : this.#read(route, fate, exchange);
    if (fate.kind === 'lost') this.#time.at(this.#time.now + fate.backMs, () => exchange.fail('lost'));
    else if (fate.kind === 'failed')
      exchange.answer({ status: fate.failure, body: NO_BODY, headers, end: 'failed' });
    else if (fate.kind === 'garbled') exchange.answer({ status: 200, body: GARBLED, headers, end: 'lost' });
    else exchange.answer({ ...reply, headers });
  }

  #write(route: Route, write: Write, fate: Fate): Reply {
    if (fate.kind === 'rejected') return { status: 400, body: MISSING, end: 'rejected' };
    const before = this.project.lives.get(write.id)?.current;
    const status =
      route.kind === 'create'
        ? 201
        : this.project.toStatus(route.kind === 'delete' ? 'delete' : 'restore', write.id);
    const isRefused = status === 404;
    if (fate.acts === 'now') this.#act(route, write);
    else if (fate.acts !== 'never' && !(fate.kind === 'answered' && isRefused))
      this.#time.at(this.#time.now + fate.backMs + fate.acts, () => this.#act(route, write));
    if (isRefused) return { status, body: MISSING, end: 'missing' };
    const life = this.project.lives.get(write.id);
    if (status === 204 || !life) return { status, body: NO_BODY, end: 'done' };
    const shown = this.#history.restoreShowsBefore || life.current.state === 'absent' ? before : life.current;
    return { status, body: this.#bodies.toVideo(life, shown ?? life.current), end: 'done' };
  }

  #act(route: Route, write: Write): void {
    const { project } = this;
    if (route.kind === 'delete') write.effect = project.delete(write.id, write);
    else if (route.kind === 'restore') write.effect = project.restore(write.id, write);
    else if (route.kind === 'create') write.effect = project.create(write.id, route.title, route.tags, write);
  }

  #read(route: Route, { lagMs }: Fate, exchange: Exchange): Reply {
    if (route.kind !== 'video' && route.kind !== 'list')
      return { status: 404, body: UNKNOWN_PATH, end: 'done' };
    const of = this.#time.now - lagMs[route.place];
    if (route.kind === 'list') {
      const shown = [...this.project.lives.values()]
        .map((life) => ({ life, moment: life.at(of) }))
        .filter(
          ({ life, moment }) =>
            moment.state === route.place && route.tags.every((tag) => life.tags.includes(tag)),
        );
      // Nobody looks for a video on a page of one: that read asks whether upstream answers at all.
      const page = route.size > 1 ? shown.slice((route.page - 1) * route.size, route.page * route.size) : [];
      exchange.shows = page.map(({ life: { id }, moment: { state } }) => ({ id, of, showed: state }));
      return { status: 200, body: this.#bodies.toPage(shown, route.page, route.size), end: 'done' };
    }
    const life = this.project.lives.get(route.id);
    const moment = life?.at(of);
    const isShown =
      moment !== undefined &&
      (route.shows === 'both' ? moment.state !== 'absent' : moment.state === route.shows);
    const showed = isShown ? moment.state : 'nothing';
    exchange.shows = [{ id: route.id, of, showed }];
    return life && isShown
      ? { status: 200, body: this.#bodies.toVideo(life, moment), end: 'done' }
      : { status: 404, body: MISSING, end: 'done' };
  }
}
