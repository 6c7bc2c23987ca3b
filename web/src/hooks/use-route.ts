import { useSyncExternalStore } from 'react';

export type Route =
  | { readonly name: 'lobby' }
  | { readonly name: 'room'; readonly room: string }
  | { readonly name: 'unknown' };

export function readRoute(path: string): Route {
  if (path === '/' || path === '') return { name: 'lobby' };
  const room = /^\/rooms\/([A-Za-z0-9_-]{1,64})\/?$/.exec(path)?.[1];
  return room ? { name: 'room', room } : { name: 'unknown' };
}

const MOVED = 'lovelm:moved';

/** Goes to another page of this app, without a reload. */
export function goTo(path: string): void {
  history.pushState(null, '', path);
  window.dispatchEvent(new Event(MOVED));
  window.scrollTo(0, 0);
}

function watchPath(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener('popstate', listener);
    window.removeEventListener(MOVED, listener);
  };
}

export function useRoute(): Route {
  return readRoute(useSyncExternalStore(watchPath, () => location.pathname));
}
