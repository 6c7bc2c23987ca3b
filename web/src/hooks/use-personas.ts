import { useEffect, useState } from 'react';
import { fetchPersonas } from '../session/api';
import type { Persona } from '../session/shapes';

const RETRY_MS = 3000;

export type Personas = ReadonlyMap<string, Persona>;

/** The personas by id, in the server's order; empty until they have come. */
export function usePersonas(): Personas {
  const [personas, setPersonas] = useState<Personas>(new Map());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isHere = true;
    const ask = () => {
      fetchPersonas().then(
        (list) => {
          if (isHere) setPersonas(new Map(list.map((persona) => [persona.id, persona])));
        },
        () => {
          if (isHere) timer = setTimeout(ask, RETRY_MS);
        },
      );
    };
    ask();
    return () => {
      isHere = false;
      clearTimeout(timer);
    };
  }, []);
  return personas;
}
