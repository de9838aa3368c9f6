// Names videos in a sentence: the first few by their titles, and how many more there are.
import { useApolloClient } from '@apollo/client/react';
import { report as words } from '../words-of-acts.ts';
import { titlesOf } from './title-of.ts';

export function Titles({ ids, most }: { readonly ids: readonly string[]; readonly most: number }) {
  const client = useApolloClient();
  const rest = ids.length - most;
  return (
    <>
      {titlesOf(client, ids.slice(0, most)).map((title, index) => (
        <span key={ids[index]}>
          {index > 0 && ', '}
          <q dir="auto">{title}</q>
        </span>
      ))}
      {rest > 0 && ` ${words.andMore(rest)}`}
    </>
  );
}
