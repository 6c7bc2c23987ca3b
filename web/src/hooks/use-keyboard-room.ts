import { useEffect } from 'react';

/**
 * Keeps the room inside what the on-screen keyboard leaves (iOS lays it over the page; Android resizes by itself).
 * The style sheet reads --seen-height and --seen-top.
 */
export function useKeyboardRoom(): void {
  useEffect(() => {
    const seen = window.visualViewport;
    if (!seen) return;
    const root = document.documentElement;
    const fitRoom = () => {
      const isZoomed = seen.scale > 1.05;
      root.style.setProperty('--seen-height', isZoomed ? '' : `${seen.height}px`);
      root.style.setProperty('--seen-top', isZoomed ? '' : `${seen.offsetTop}px`);
    };
    fitRoom();
    seen.addEventListener('resize', fitRoom);
    seen.addEventListener('scroll', fitRoom);
    return () => {
      seen.removeEventListener('resize', fitRoom);
      seen.removeEventListener('scroll', fitRoom);
      root.style.removeProperty('--seen-height');
      root.style.removeProperty('--seen-top');
    };
  }, []);
}
