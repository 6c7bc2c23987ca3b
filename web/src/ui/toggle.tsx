import { useId } from 'react';
import './toggle.css';

interface ToggleProps {
  readonly name: string;
  readonly hint: string;
  readonly isOn: boolean;
  readonly onTurn: (isOn: boolean) => void;
  readonly testId: string;
  readonly isDisabled?: boolean;
}

export function Toggle({ name, hint, isOn, onTurn, testId, isDisabled = false }: ToggleProps) {
  const about = useId();
  return (
    <label className="toggle">
      <span>
        {name}
        <small id={about}>{hint}</small>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-label={name}
        aria-describedby={about}
        checked={isOn}
        aria-checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onTurn(event.target.checked)}
        data-testid={testId}
      />
    </label>
  );
}
