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
      <path className="ink" d="M3.4 3.4l1.8 1.5M20.6 3.4l-1.8 1.5M2.2 9.4h2.2M21.8 9.4h-2.2" />
      <path className="face" d="M10.2 14.4h3.6v6.4a1.8 1.8 0 0 1-3.6 0Z" />
      <circle className="face" cx="12" cy="8.6" r="6" />
      <path className="ink" d="M9 8.6a3 3 0 0 1 3-3" />
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
      <path className="ink" d="M12 1.6v2M17.2 2.6l-1.1 1.7M6.8 2.6l1.1 1.7" />
      <path
        className="face"
        d="M3.4 12.2c-.5-1 .8-1.9 1.6-1l3.4 3.9V8.2a1.5 1.5 0 0 1 3-.2l.3 8.5-.9 4.9H8.2c-1.6 0-2.2-3-4.8-9.2Z"
      />
      <path
        className="face"
        d="M20.6 12.2c.5-1-.8-1.9-1.6-1l-3.4 3.9V8.2a1.5 1.5 0 0 0-3-.2l-.3 8.5.9 4.9h2.6c1.6 0 2.2-3 4.8-9.2Z"
      />
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
