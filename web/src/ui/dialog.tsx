import { type ReactNode, useEffect, useRef } from 'react';
import './dialog.css';

interface DialogProps {
  /** The id of the heading that names it. */
  readonly labelledBy: string;
  readonly onClose: () => void;
  readonly className?: string;
  readonly testId?: string;
  readonly children: ReactNode;
}

/** A modal dialog. However it goes away, the focus comes back to where it was. */
export function Dialog({ labelledBy, onClose, className = '', testId, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-labelledby={labelledBy}
      onClose={onClose}
      data-testid={testId}
    >
      {children}
    </dialog>
  );
}
