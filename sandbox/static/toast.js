// Short notices at the bottom; errors are read out at once.

import { el, icon } from './dom.js';

const STAYS_MS = 7000;
const SAME_WITHIN_MS = 3000;

export class Toasts {
  constructor() {
    this.node = el('div', { class: 'toasts', 'aria-live': 'polite' });
    this.last = { text: '', at: 0 };
  }

  show(text, level = 'info') {
    const now = performance.now();
    if (text === this.last.text && now - this.last.at < SAME_WITHIN_MS) return;
    this.last = { text, at: now };
    const toast = el('div', { class: `toast ${level}`, role: level === 'error' ? 'alert' : 'status' }, el('span', {}, text),
      el('button', { type: 'button', class: 'plain', 'aria-label': 'Dismiss', on: { click: () => toast.remove() } }, icon('close')));
    this.node.append(toast);
    setTimeout(() => toast.remove(), STAYS_MS);
  }
}
