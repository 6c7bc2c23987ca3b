import { words } from '../words/ko';
import './help-card.css';

/** For the sender alone, when a line was held because somebody may be in danger (error 400). */
export function HelpCard({ onClose }: { onClose: () => void }) {
  return (
    <section className="help-card" role="alert" data-testid="help-card">
      <h2>{words.helpTitle}</h2>
      <p>{words.helpLead}</p>
      <ul>
        {words.helpLines.map((line) => (
          <li key={line.number}>
            <a href={`tel:${line.number}`}>{line.number}</a>
            <span>{line.name}</span>
          </li>
        ))}
      </ul>
      <button type="button" className="button button-quiet" onClick={onClose}>
        {words.close}
      </button>
    </section>
  );
}
