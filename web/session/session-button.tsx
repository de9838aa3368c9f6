// In the head of the page: signs in after the question was closed, and out again.
import { Button } from 'react-aria-components';
import { signIn as words } from '../words.ts';
import { openSignIn, signOut } from './session.ts';
import { useIsDeclined, useIsSignedIn } from './use-session.ts';

export function SessionButton() {
  const isSignedIn = useIsSignedIn();
  const isDeclined = useIsDeclined();
  if (isDeclined) return <SmallButton onPress={openSignIn}>{words.title}</SmallButton>;
  return isSignedIn ? <SmallButton onPress={signOut}>{words.out}</SmallButton> : null;
}

function SmallButton({ onPress, children }: { readonly onPress: () => void; readonly children: string }) {
  return (
    <Button className="link session" onPress={onPress}>
      {children}
    </Button>
  );
}
