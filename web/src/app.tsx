import { usePersonas } from './hooks/use-personas';
import { useRoute } from './hooks/use-route';
import { LobbyScreen } from './screens/lobby';
import { LostScreen } from './screens/lost';
import { RoomScreen } from './screens/room';
import type { Connection } from './session/connection';
import { words } from './words/ko';

export function App({ connection }: { connection: Connection }) {
  const route = useRoute();
  const personas = usePersonas();
  switch (route.name) {
    case 'lobby':
      return <LobbyScreen connection={connection} personas={personas} />;
    case 'room':
      return <RoomScreen key={route.room} connection={connection} personas={personas} roomId={route.room} />;
    case 'unknown':
      return <LostScreen title={words.missingTitle} lead={words.missingLead} />;
  }
}
