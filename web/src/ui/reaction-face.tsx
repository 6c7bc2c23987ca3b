import type { ReactNode } from 'react';
import type { Reaction } from '../room/reactions';

const FACE = <circle cx="12" cy="12" r="9.2" className="face" />;

const DRAWINGS: Readonly<Record<Reaction, ReactNode>> = {
  heart: (
    <path
      className="heart"
      d="M12 20.6C6.2 16.7 2.8 13.3 2.8 9.3a4.8 4.8 0 0 1 9.2-2 4.8 4.8 0 0 1 9.2 2c0 4-3.4 7.4-9.2 11.3Z"
    />
  ),
  laugh: (
    <>
      {FACE}
      <path className="ink" d="M6.8 10.4 9 8.9l2 1.5M13 10.4l2-1.5 2.2 1.5" />
      <path className="mouth" d="M7 13.2h10a5 5 0 0 1-10 0Z" />
    </>
  ),
  cry: (
    <>
      {FACE}
      <path className="ink" d="M7 9.6h2.8M14.2 9.6H17M8.8 17a3.6 3.6 0 0 1 6.4 0" />
      <path className="tear" d="M16.4 11.4c1.3 1.9 1.9 2.8 1.9 3.7a1.9 1.9 0 0 1-3.8 0c0-.9.6-1.8 1.9-3.7Z" />
    </>
  ),
  cheer: (
    <>
      <path
        className="ink"
        d="M12 13.6V22M4.2 5.2 6 6.6M19.8 5.2 18 6.6M12 .9v1.7M3 11.4l2-.5M21 11.4l-2-.5"
      />
      <circle className="face" cx="12" cy="9.2" r="5" />
    </>
  ),
  surprised: (
    <>
      {FACE}
      <path className="ink" d="M7 7.9c.7-.8 1.7-1 2.6-.7M17 7.9c-.7-.8-1.7-1-2.6-.7" />
      <path className="dots" d="M8.6 11.2h.01M15.4 11.2h.01" />
      <ellipse className="mouth" cx="12" cy="16.2" rx="2" ry="2.5" />
    </>
  ),
  clap: (
    <>
      <path className="ink" d="M12.5 1.6v2.2M17.6 2.6l-1.2 2M7.4 2.6l1.2 2" />
      <path
        className="face"
        d="M8.2 20.4 3.6 14a1.6 1.6 0 0 1 2.6-1.9l-1.6-2.3a1.6 1.6 0 0 1 2.6-1.9l3.9 5.3M15.8 20.4l4.6-6.4a1.6 1.6 0 0 0-2.6-1.9l1.6-2.3a1.6 1.6 0 0 0-2.6-1.9L12 14.6l-1 1.2a4.6 4.6 0 0 0-.6 5.1c1.5 1.6 4 1.6 5.4-.5Z"
      />
      <path className="ink" d="m8.2 20.4c.8 1 1.8 1.5 3 1.6" />
    </>
  ),
};

export function ReactionFace({ kind }: { kind: Reaction }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" className="reaction-face" aria-hidden="true">
      {DRAWINGS[kind]}
    </svg>
  );
}
