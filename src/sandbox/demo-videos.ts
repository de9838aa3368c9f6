// A project that looks in use: 200 live videos and 40 removed ones. They are the same at every start except for their
// dates, which count back from now.
import { addRetention, createVideo, createVideoId } from './create-video.ts';
import { createRandom } from './random.ts';
import type { SandboxVideo } from './types.ts';

const LIVE = 200;
const REMOVED = 40;
const DAY_MS = 24 * 60 * 60 * 1000;
const HISTORY_DAYS = 730;

type Series = {
  readonly tags: readonly string[];
  readonly title: (topic: string, episode: number) => string;
  readonly description: (topic: string) => string;
  readonly topics: readonly string[];
  readonly isStreamed?: boolean;
  readonly isPanoramic?: boolean;
  readonly isPrivate?: boolean;
};

const SERIES: readonly Series[] = [
  {
    tags: ['tutorial', 'product'],
    title: (topic) => `How to ${topic}`,
    description: (topic) =>
      `Step by step: ${topic}, with the settings we recommend and the mistakes to avoid.`,
    topics: [
      'invite your team',
      'export a report',
      'set up two-factor sign-in',
      'import your contacts',
      'build a dashboard',
      'cancel a subscription',
    ],
  },
  {
    tags: ['webinar', 'marketing'],
    title: (topic, episode) => `Webinar ${episode}: ${topic}`,
    description: (topic) =>
      `The recording of our monthly webinar about ${topic}, questions and answers included.`,
    topics: [
      'pricing that lasts',
      'video in email',
      'captions and reach',
      'measuring attention',
      'landing pages',
    ],
    isStreamed: true,
  },
  {
    tags: ['lecture', 'maths'],
    title: (topic, episode) => `Lecture ${episode}: ${topic}`,
    description: (topic) => `${topic}, for second-year students. The exercises are in the course folder.`,
    topics: [
      'Linear maps',
      'Eigenvalues',
      'Fourier series',
      'Complex integrals',
      'Markov chains',
      'Graph colouring',
    ],
  },
  {
    tags: ['travel', '360'],
    title: (topic) => `${topic} in 360 degrees`,
    description: (topic) => `Look around for yourself: ${topic}, filmed from a tripod at dawn.`,
    topics: [
      'Lisbon rooftops',
      'Lake Bled',
      'The old port of Marseille',
      'Hallgrímskirkja',
      'The cliffs of Étretat',
    ],
    isPanoramic: true,
  },
  {
    tags: ['all-hands', 'internal'],
    title: (topic, episode) => `All hands ${episode}: ${topic}`,
    description: (topic) => `For employees only. This time: ${topic}.`,
    topics: ['results of the quarter', 'the new office', 'our roadmap', 'hiring plans', 'customer stories'],
    isStreamed: true,
    isPrivate: true,
  },
  {
    tags: ['cooking', 'short'],
    title: (topic) => `${topic} in five minutes`,
    description: (topic) =>
      `A weekday recipe: ${topic.toLowerCase()}. The list of ingredients comes at the end.`,
    topics: ['Shakshuka', 'Miso soup', 'Pasta alla Norma', 'Lentil dal', 'Potato rösti', 'Green curry'],
  },
  {
    tags: ['match', 'sports'],
    title: (topic, episode) => `Matchday ${episode}, highlights: ${topic}`,
    description: (topic) => `All goals and the best saves of ${topic}.`,
    topics: ['Rovers against United', 'the derby', 'Athletic against Wanderers', 'the cup semi-final'],
    isStreamed: true,
  },
];

const AUTHORS = [
  'Ada Brown',
  'Chidi Okafor',
  'Elena Petrova',
  'João Silva',
  'Mei Tanaka',
  'Noor Haddad',
  'Sam Lee',
];
const LANGUAGES = ['en', 'en', 'en', 'fr', 'de', 'es', 'pt', 'ja', null];
const FORMATS = ['Tutorial', 'Recording', 'Clip', 'Episode'];

/** Their dates count back from `now`, in ms since the epoch. */
export function demoVideos(now: number = Date.now()): SandboxVideo[] {
  const random = createRandom(20_240_816);
  return Array.from({ length: LIVE + REMOVED }, (_, index) => createDemoVideo(index, now, random));
}

function createDemoVideo(index: number, now: number, random: () => number): SandboxVideo {
  const pick = <T>(choices: readonly T[]): T => {
    const choice = choices[Math.floor(random() * choices.length)];
    if (choice === undefined) throw new Error('There is nothing to pick from.');
    return choice;
  };
  const createId = () => createVideoId(Uint8Array.from({ length: 22 }, () => Math.floor(random() * 256)));
  const isRemoved = index >= LIVE;
  const series = pick(SERIES);
  const topic = pick(series.topics);
  // Removals are spread over 85 of the 90 days of retention; all removed videos were created before that.
  const removedDaysAgo = 0.5 + ((index - LIVE) * 84) / REMOVED + random();
  const createdDaysAgo = isRemoved ? 90 + random() * (HISTORY_DAYS - 90) : random() * HISTORY_DAYS;
  const lastDaysAgo = isRemoved ? removedDaysAgo : 0;
  const updatedDaysAgo = lastDaysAgo + (createdDaysAgo - lastDaysAgo) * random() ** 2;
  const at = (daysAgo: number) => new Date(now - Math.floor(daysAgo * DAY_MS)).toISOString();
  const removedAt = isRemoved ? at(removedDaysAgo) : null;
  return createVideo({
    videoId: createId(),
    title: series.title(topic, 1 + Math.floor(random() * 30)),
    description: series.description(topic),
    tags: random() < 0.2 ? [...series.tags, 'archive'] : series.tags,
    metadata: [
      { key: 'Author', value: pick(AUTHORS) },
      { key: 'Format', value: pick(FORMATS) },
    ],
    public: !series.isPrivate,
    panoramic: series.isPanoramic ?? false,
    mp4Support: random() > 0.15,
    language: pick(LANGUAGES),
    playerId: random() < 0.4 ? 'pl45KFKdlddgk654dspkze' : null,
    ...(series.isStreamed ? { liveStreamId: createId().replace(/^vi/, 'li') } : {}),
    createdAt: at(createdDaysAgo),
    publishedAt: at(createdDaysAgo),
    updatedAt: at(updatedDaysAgo),
    removedAt,
    deletesAt: removedAt === null ? null : addRetention(removedAt),
  });
}
