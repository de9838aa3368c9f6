// Says that the browser is offline, or that a part of the app is missing. Reads the lists again once the browser is back, or once
// the user has signed in late.
import { useApolloClient } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { Button } from 'react-aria-components';
import { ViewerDocument } from '../generated/documents.ts';
import { faults, signIn } from '../words.ts';
import { useIsDeclined, useIsOffline, useIsPartMissing, useSignIns } from './use-session.ts';

export function ConnectionNotice() {
  const client = useApolloClient();
  const isOffline = useIsOffline();
  const isDeclined = useIsDeclined();
  const isCut = isOffline || isDeclined;
  const wasCut = useRef(isCut);
  useEffect(() => {
    if (wasCut.current && !isCut) void client.refetchQueries({ include: 'active' }).catch(() => {});
    wasCut.current = isCut;
  }, [client, isCut]);
  // A new token may allow other things.
  const signIns = useSignIns();
  useEffect(() => {
    if (signIns > 0) void client.refetchQueries({ include: [ViewerDocument] }).catch(() => {});
  }, [client, signIns]);
  const isMissing = useIsPartMissing();
  return (
    <>
      {isOffline && (
        <p className="strip warn" role="status">
          {faults.offlineNotice}
        </p>
      )}
      {isMissing && (
        <p className="strip warn" role="alert">
          {faults.partMissing}
          <span className="row-end">
            <Button className="link" onPress={() => location.reload()}>
              {signIn.reload}
            </Button>
          </span>
        </p>
      )}
    </>
  );
}
