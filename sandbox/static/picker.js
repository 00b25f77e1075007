// Choosing an emoji.

import { el, fill } from './dom.js';
import { emoji, emojiNode, findEmoji, isInFonts } from './emoji.js';
import { openPopup } from './layers.js';

/** Open the picker under `anchor`; `done(name)` runs once something is chosen. */
export function pickEmoji(anchor, done) {
  const grid = el('div', { class: isInFonts(emoji('+1')) ? 'emoji-grid' : 'emoji-grid by-name', role: 'group', 'aria-label': 'Emoji' });
  const search = el('input', { type: 'text', class: 'filter', placeholder: 'Search emoji', 'aria-label': 'Search emoji', on: { input: draw, keydown: onKey } });
  const panel = el('div', { class: 'emoji-picker', role: 'dialog', 'aria-label': 'Choose an emoji' }, search, grid);

  function draw() {
    const names = findEmoji(search.value);
    fill(grid, names.length ? names.map(choice) : el('p', { class: 'none' }, 'No emoji of that name'));
  }

  const choice = (name) => el('button', {
    type: 'button', 'aria-label': name, title: `:${name}:`, on: { click: () => choose(name) },
  }, emojiNode(name));

  function choose(name) {
    close();
    done(name);
  }

  function onKey(event) {
    const [first] = findEmoji(search.value);
    if (event.key === 'Enter' && first) {
      event.preventDefault();
      choose(first);
    }
  }

  draw();
  const close = openPopup(anchor, panel, { alignRight: true });
  search.focus();
}
