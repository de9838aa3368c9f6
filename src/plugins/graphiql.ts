// GraphiQL: a page with everything it loads inside, and tabs with operations that can be run as they are.
import { createHash } from 'node:crypto';
import type { GraphiQLOptions, Plugin } from 'graphql-yoga';

/**
 * Answers a browser that opens `/graphql`.
 *
 * @param exampleIds - ids of videos for the tabs that need some; placeholders stand there where it is empty.
 */
export function useGraphiQLPage(exampleIds: readonly string[]): Plugin {
  let rendering: ReturnType<typeof renderPage> | undefined;
  return {
    async onRequest({ request, url, endResponse, fetchAPI }) {
      if (request.method !== 'GET' || !/^\/graphql\/?$/.test(url.pathname)) return;
      if (!request.headers.get('accept')?.includes('text/html')) return;
      rendering ??= renderPage(exampleIds);
      const { html, etag } = await rendering;
      const headers = { ...HEADERS, etag };
      const isKnown = request.headers.get('if-none-match') === etag;
      endResponse(new fetchAPI.Response(isKnown ? null : html, { status: isKnown ? 304 : 200, headers }));
    },
  };
}

/** Its nine megabytes are loaded by the first browser that asks, and not at every start. */
async function renderPage(exampleIds: readonly string[]) {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const page = renderGraphiQL(createOptions(exampleIds)).trimStart();
  const html = Buffer.from(page.replace('</head>', `<style>${STYLE}</style></head>`));
  return { html, etag: `"${createHash('sha256').update(html).digest('base64url')}"` };
}

/** GraphiQL moves a tab away at the moment it gets the focus, under the pointer: the first click on it would be lost. */
const STYLE = '.graphiql-tab { transform: none !important; }';

/** Nothing is loaded from elsewhere, sent elsewhere, or framed by a page that wants a click on its Run button. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'unsafe-inline' blob:",
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function createOptions(exampleIds: readonly string[]): GraphiQLOptions {
  const hasExamples = exampleIds.length > 0;
  const ids = hasExamples ? exampleIds : ['firstId', 'secondId', 'thirdId'];
  const variables = JSON.stringify({ ids }, null, 2);
  return {
    title: 'api.video GraphQL gateway',
    // Kept for the session of the page only: what is typed into the headers may be a secret.
    shouldPersistHeaders: false,
    defaultTabs: [
      {
        query: `# 1. Live videos, newest first.
# ${hasExamples ? 'The next tab deletes three of them.' : 'Copy three ids into the next tab’s variables.'}
query LiveVideos {
  videos(first: 10) {
    totalCount
    nodes {
      id
      title
      createdAt
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
      },
      {
        query: `# 2. Delete three videos: see the variables below.
# Each gets its own result.
mutation DeleteThree($ids: [ID!]!) {
  deleteVideos(ids: $ids) {
    summary {
      requested
      succeeded
      failed
    }
    results {
      __typename
      videoId
      ... on VideoRemoved {
        alreadyRemoved
        video {
          id
          title
          deletesAt
        }
      }
      ... on VideoFailure {
        code
        message
        retryable
      }
    }
    userErrors {
      code
      message
    }
  }
}
`,
        variables,
      },
      {
        query: `# 3. Removed videos, last removed first.
# ASC starts with the video destroyed soonest.
query RemovedVideos {
  removedVideos(
    first: 10
    orderBy: { field: DELETES_AT, direction: DESC }
  ) {
    totalCount
    nodes {
      id
      title
      removedAt
      deletesAt
    }
  }
}
`,
      },
      {
        query: `# 4. Restore them: the same ids as in tab 2.
mutation RestoreThem($ids: [ID!]!) {
  restoreVideos(ids: $ids) {
    summary {
      requested
      succeeded
      failed
    }
    results {
      __typename
      videoId
      ... on VideoRestored {
        alreadyLive
        video {
          id
          title
          removed
        }
      }
      ... on VideoFailure {
        code
        message
        retryable
      }
    }
    userErrors {
      code
      message
    }
  }
}
`,
        variables,
      },
    ],
  };
}
