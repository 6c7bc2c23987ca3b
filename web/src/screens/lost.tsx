import { words } from '../words/ko';
import './lost.css';

export function LostScreen({ title, lead }: { title: string; lead: string }) {
  return (
    <main className="lost">
      <img src="/favicon.svg" alt="" width="72" height="72" />
      <h1>{title}</h1>
      <p>{lead}</p>
      <a className="button" href="/">
        {words.toLobby}
      </a>
    </main>
  );
}
