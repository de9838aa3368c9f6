// A box to tick, as large as a finger.
import { Checkbox, type CheckboxProps } from 'react-aria-components';
import { Icon } from './icon.tsx';

export function Box(props: Omit<CheckboxProps, 'className' | 'children'>) {
  return (
    <Checkbox {...props} className="box">
      {({ isIndeterminate }) => (
        <span>
          <Icon name={isIndeterminate ? 'dash' : 'check'} />
        </span>
      )}
    </Checkbox>
  );
}
