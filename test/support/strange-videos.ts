// Videos as nobody expects them: titles of every kind, and removed ones whose time is nearly over.
import { createVideo, type SandboxVideo } from '../../src/sandbox/server.ts';

const DAY_MS = 86_400_000;

/** Removed videos that are kept for so many days more. */
export function createRemoved(daysLeft: number, fields: Partial<SandboxVideo> = {}): SandboxVideo {
  return createVideo({
    title: `Kept for ${daysLeft} days`,
    removedAt: new Date(Date.now() + (daysLeft - 90) * DAY_MS).toISOString(),
    deletesAt: new Date(Date.now() + daysLeft * DAY_MS).toISOString(),
    ...fields,
  });
}

/** Titles and tags of every kind that people give, and the one that the gateway gave. */
export const STRANGE_VIDEOS: readonly SandboxVideo[] = [
  createVideo({
    videoId: 'viLong',
    title: `A title that goes on ${'and on '.repeat(30)}about a match that nobody has ever heard of`,
    tags: Array.from({ length: 40 }, (_, index) => `tag-number-${index}`),
    description: `One line.\nAnother line.\n\n${'Many words. '.repeat(60)}`,
    metadata: [
      { key: 'Author', value: 'Ada' },
      { key: 'A key of several words', value: 'x'.repeat(200) },
    ],
  }),
  createVideo({ videoId: 'viWithoutBlanks', title: 'x'.repeat(300), tags: ['y'.repeat(120)] }),
  createVideo({ videoId: 'viEmoji', title: '🎬 Premiere 👩‍👩‍👧‍👦 of the year', tags: ['🎉'] }),
  createVideo({ videoId: 'viHebrew', title: 'שלום עולם: סרטון ראשון', tags: ['עברית'] }),
  createVideo({ videoId: 'viUntitled', title: '', tags: [], description: '', metadata: [] }),
  createVideo({ videoId: 'viPrivate', title: 'For few', public: false }),
];
