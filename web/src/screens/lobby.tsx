import { type MouseEvent, useEffect } from 'react';
import { useLobby } from '../hooks/use-lobby';
import type { Personas } from '../hooks/use-personas';
import { goTo } from '../hooks/use-route';
import type { Connection } from '../session/connection';
import type { Room } from '../session/shapes';
import { AiLabel, OnAir, ViewerCount } from '../ui/labels';
import { LinkBanner } from '../ui/link-banner';
import { Masthead } from '../ui/masthead';
import { Portrait } from '../ui/portrait';
import { tint } from '../ui/tint';
import { words } from '../words/ko';
import './lobby.css';

interface LobbyScreenProps {
  readonly connection: Connection;
  readonly personas: Personas;
}

export function LobbyScreen({ connection, personas }: LobbyScreenProps) {
  const { rooms, hasFailed } = useLobby(connection);
  useEffect(() => {
    document.title = `${words.brandKo} · ${words.brand}`;
  }, []);
  const solo = rooms?.filter((room) => room.personas.length === 1) ?? [];
  const panels = rooms?.filter((room) => room.personas.length > 1) ?? [];
  return (
    <div className="lobby">
      <a className="skip" href="#rooms">
        {words.skipToRooms}
      </a>
      <div className="lobby-sky" aria-hidden="true" />
      <div className="lobby-in">
        <Masthead connection={connection} />
        <LinkBanner connection={connection} />
        <main className="lobby-main">
          <section className="hero">
            <h1>
              {words.lobbyTitle.map((line) => (
                <span key={line}>{line}</span>
              ))}
            </h1>
            <p className="hero-lead">{words.lobbyLead}</p>
            <p className="hero-ai">
              <AiLabel />
              {words.aiShort}
            </p>
          </section>
          <div className="panels">
            {panels.map((room) => (
              <PanelCard key={room.id} room={room} personas={personas} />
            ))}
          </div>
          <section id="rooms" className="rooms-section" aria-labelledby="rooms-heading" tabIndex={-1}>
            <h2 id="rooms-heading" className="rooms-heading">
              {words.roomsHeading}
            </h2>
            {hasFailed && rooms === null && (
              <p className="rooms-failed" role="status">
                {words.lobbyFailed}
              </p>
            )}
            <ul className="rooms" aria-busy={rooms === null}>
              {rooms === null &&
                [0, 1, 2, 3].map((place) => <li key={place} className="room-card is-coming" />)}
              {solo.map((room) => (
                <SoloCard key={room.id} room={room} personas={personas} />
              ))}
            </ul>
          </section>
        </main>
        <footer className="lobby-foot">
          <span lang="en">{words.brand}</span>
          <span>{words.aiPromise}</span>
        </footer>
      </div>
    </div>
  );
}

function SoloCard({ room, personas }: { room: Room; personas: Personas }) {
  const ref = room.personas[0];
  const persona = personas.get(ref?.id ?? '');
  const name = persona?.name ?? ref?.name ?? room.title;
  return (
    <li className="room-card tint" style={tint(persona?.colour)}>
      <Portrait persona={persona} name={name} signal="smile" className="room-card-portrait" />
      <div className="room-card-words">
        <p className="room-card-state">
          <OnAir show={room.show} starts_at_ms={room.starts_at_ms} />
          <ViewerCount viewers={room.viewers} isShort isNew={room.last_offset === 0} />
        </p>
        <h3>
          <a
            href={`/rooms/${room.id}`}
            onClick={follow}
            data-testid={`room-link-${room.id}`}
            data-room={room.id}
          >
            {name}
          </a>
        </h3>
        <p className="room-card-role">{persona?.role ?? ref?.role}</p>
        {persona?.tagline && <p className="room-card-tagline">“{persona.tagline}”</p>}
        {persona?.intro && <p className="room-card-intro">{persona.intro}</p>}
        <span className="room-card-door" aria-hidden="true">
          {words.door}
        </span>
      </div>
    </li>
  );
}

function PanelCard({ room, personas }: { room: Room; personas: Personas }) {
  return (
    <article className="panel-card">
      <div className="panel-card-faces" aria-hidden="true">
        {room.personas.map((ref) => (
          <span key={ref.id} className="tint" style={tint(personas.get(ref.id)?.colour)}>
            <Portrait
              persona={personas.get(ref.id)}
              name={ref.name}
              signal="smile"
              className="panel-card-portrait"
            />
          </span>
        ))}
      </div>
      <div className="panel-card-words">
        <p className="room-card-state">
          <OnAir show={room.show} starts_at_ms={room.starts_at_ms} />
          <ViewerCount viewers={room.viewers} isShort isNew={room.last_offset === 0} />
        </p>
        <h2>
          <a
            href={`/rooms/${room.id}`}
            onClick={follow}
            data-testid={`room-link-${room.id}`}
            data-room={room.id}
          >
            {words.panelKicker}
          </a>
        </h2>
        <p>{words.panelLead}</p>
        <span className="room-card-door" aria-hidden="true">
          {words.panelDoor}
        </span>
      </div>
    </article>
  );
}

function follow(event: MouseEvent<HTMLAnchorElement>) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  goTo(event.currentTarget.pathname);
}
