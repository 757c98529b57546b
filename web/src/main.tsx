import './style.css';
import { options, render } from 'preact';
import { App } from './parts/app.tsx';
import { watchAlerts } from './state/alerts.ts';
import { keepDetails } from './state/details.ts';
import { keepExpansions, keepTotals } from './state/expand.ts';
import { live } from './state/live.ts';
import { keepAddress } from './state/page.ts';
import { keepPath } from './state/path.ts';
import { stream } from './state/stream.ts';

// The search box writes back what was typed in an effect. Were it to wait for a frame, it would undo the next key.
options.requestAnimationFrame = (callback) => queueMicrotask(callback);

const root = document.getElementById('app');
if (root) {
  keepAddress();
  root.replaceChildren();
  render(<App />, root);
  keepDetails();
  keepExpansions();
  keepTotals();
  keepPath();
  void live();
  void stream();
  void watchAlerts();
}
