import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { openConnection } from './session/connection';
import './ui/tokens.css';
import './ui/base.css';

const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
const connection = openConnection(`${scheme}//${location.host}/connection/websocket`);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App connection={connection} />
  </StrictMode>,
);
