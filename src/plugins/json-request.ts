import type { Plugin } from 'graphql-yoga';
import { refuse } from './refuse.ts';

const MEDIA_TYPES = ['application/json', 'application/graphql+json'];

/**
 * Accepts only JSON. A page of another origin can send forms and plain text without a preflight; for a JSON body the
 * browser sends one, and CORS answers it. In a GET, Yoga would treat a parameter that is not JSON as its own exception.
 */
export function useJsonRequest(): Plugin {
  return {
    onRequestParse({ request, url, endResponse, fetchAPI }) {
      const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
      if (request.method === 'POST' && !MEDIA_TYPES.includes(type)) {
        const message = `Expected a body with content type ${MEDIA_TYPES[0]}, and got another.`;
        endResponse(refuse(fetchAPI, 415, 'BAD_USER_INPUT', message, { accept: MEDIA_TYPES.join(', ') }));
      }
      if (request.method !== 'GET') return;
      const wrong = ['variables', 'extensions'].find((name) => !isJson(url.searchParams.get(name) || '{}'));
      if (wrong)
        endResponse(
          refuse(
            fetchAPI,
            400,
            'BAD_USER_INPUT',
            `Expected JSON in the parameter "${wrong}", and got something else.`,
          ),
        );
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
