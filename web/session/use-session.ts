// The session as components see it.
import { useSyncExternalStore } from 'react';
import { isOffline, onConnection } from './connection.ts';
import { missingParts } from './missing-parts.ts';
import { session } from './session.ts';
import { getAuthorization, onAuthorization } from './token.ts';

export const useAsking = () => useSyncExternalStore(session.subscribe, session.getAsking);
export const useIsDeclined = () => useSyncExternalStore(session.subscribe, session.getIsDeclined);
export const useSignIns = () => useSyncExternalStore(session.subscribe, session.getSignIns);
export const useIsSignedIn = () =>
  useSyncExternalStore(onAuthorization, () => getAuthorization() !== undefined);

export const useIsOffline = () => useSyncExternalStore(onConnection, isOffline);
export const useIsPartMissing = () => useSyncExternalStore(missingParts.subscribe, missingParts.get);
