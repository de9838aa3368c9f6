// The two lists, and what sets them apart: everything else is the same for both.
import type { TypedDocumentNode } from '@apollo/client';
import {
  type IdPageFragment,
  LiveIdsDocument,
  LiveListDocument,
  RemovedIdsDocument,
  RemovedListDocument,
  type RemovedVideoOrder,
  type VideoFilter,
  type VideoOrder,
  type VideoPageFragment,
  type VideoRowFragment,
} from '../generated/documents.ts';
import { type Act, lists, orders } from '../words.ts';

export type Row = VideoRowFragment;

export type ListVariables<Order> = {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly filter?: VideoFilter | null | undefined;
  readonly orderBy?: Order | null | undefined;
};

export type ListKind<Order> = {
  readonly name: 'videos' | 'removed';
  readonly act: Act;
  readonly document: TypedDocumentNode<{ readonly list: VideoPageFragment | null }, ListVariables<Order>>;
  readonly ids: TypedDocumentNode<
    { readonly list: IdPageFragment | null },
    { readonly after?: string | null | undefined; readonly filter?: VideoFilter | null | undefined }
  >;
  readonly orders: Readonly<Record<string, { readonly label: string; readonly orderBy: Order }>>;
  readonly defaultOrder: { readonly name: string; readonly orderBy: Order };
  /** Whether a video still belongs here: one that was just deleted or restored does not. */
  readonly holds: (row: Row) => boolean;
};

const newest = { field: 'CREATED_AT', direction: 'DESC' } as const;
const soonest = { field: 'DELETES_AT', direction: 'ASC' } as const;

export const VIDEOS: ListKind<VideoOrder> = {
  name: 'videos',
  act: 'delete',
  document: LiveListDocument,
  ids: LiveIdsDocument,
  orders: {
    newest: { label: orders.newest, orderBy: newest },
    oldest: { label: orders.oldest, orderBy: { field: 'CREATED_AT', direction: 'ASC' } },
    changed: { label: orders.changed, orderBy: { field: 'UPDATED_AT', direction: 'DESC' } },
    title: { label: orders.title, orderBy: { field: 'TITLE', direction: 'ASC' } },
  },
  defaultOrder: { name: 'newest', orderBy: newest },
  holds: ({ removed }) => !removed,
};

export const REMOVED: ListKind<RemovedVideoOrder> = {
  name: 'removed',
  act: 'restore',
  document: RemovedListDocument,
  ids: RemovedIdsDocument,
  orders: {
    soonest: { label: orders.soonest, orderBy: soonest },
    latest: { label: orders.latest, orderBy: { field: 'DELETES_AT', direction: 'DESC' } },
    title: { label: orders.title, orderBy: { field: 'TITLE', direction: 'ASC' } },
  },
  defaultOrder: { name: 'soonest', orderBy: soonest },
  holds: ({ removed }) => removed,
};

/** The order of that name, or the list's own: anybody can write an address. */
export function toOrder<Order>({ orders: known, defaultOrder }: ListKind<Order>, name: string) {
  const order = Object.hasOwn(known, name) ? known[name] : undefined;
  return order ? { name, orderBy: order.orderBy } : defaultOrder;
}

export const wordsOf = ({ name }: { readonly name: 'videos' | 'removed' }) => lists[name];
