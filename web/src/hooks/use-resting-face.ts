import { useEffect, useState } from 'react';

/** A face stays for a while after the last word, then it comes to rest. */
const LINGER_MS = 5000;

export function useRestingFace(signal: string, isListening: boolean): string {
  const [isResting, setResting] = useState(false);
  useEffect(() => {
    setResting(false);
    if (!isListening || signal === '') return;
    const timer = setTimeout(() => setResting(true), LINGER_MS);
    return () => clearTimeout(timer);
  }, [isListening, signal]);
  return isListening && isResting ? 'neutral' : signal;
}
