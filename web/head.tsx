// The head of the page: its name, the two lists, and the way to the API.
import { Link } from 'wouter';
import { Icon } from './icon.tsx';
import { SessionButton } from './session/session-button.tsx';
import { APP, lists, head as words } from './words.ts';

export function Head({ isRemoved }: { readonly isRemoved: boolean }) {
  const hasGraphiQL = document.querySelector('meta[name=graphiql]')?.getAttribute('content') === 'on';
  return (
    <header className="head">
      <span className="brand">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <rect width="16" height="16" rx="4" />
          <path d="M6.2 4.6v6.8l5.4-3.4z" />
        </svg>
        <span>{APP}</span>
      </span>
      <nav className="tabs" aria-label={words.lists}>
        <Link href="/" aria-current={isRemoved ? undefined : 'page'}>
          {lists.videos.heading}
        </Link>
        <Link href="/removed" aria-current={isRemoved ? 'page' : undefined}>
          {lists.removed.heading}
        </Link>
      </nav>
      <SessionButton />
      {hasGraphiQL && (
        <a className="api" href="graphql" target="_blank" rel="noopener">
          {words.api} <Icon name="out" />
        </a>
      )}
    </header>
  );
}
