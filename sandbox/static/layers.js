// What lies above the page: menus, pickers, dialogs. Escape always closes the topmost one.

import { el } from './dom.js';

const stack = [];

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || stack.length === 0 || event.defaultPrevented) return;
  event.preventDefault();
  stack.at(-1).close();
});

/** Announce something closable; returns the function that takes it off the stack. */
export function pushLayer(close) {
  const layer = { close };
  stack.push(layer);
  return () => {
    const at = stack.indexOf(layer);
    if (at >= 0) stack.splice(at, 1);
  };
}

const host = () => document.getElementById('layers');

/** Show `node` under (or above) `anchor` until a click elsewhere, Escape or the returned function. */
export function openPopup(anchor, node, { onClose = () => {}, alignRight = false, sameWidth = false } = {}) {
  node.classList.add('popup');
  host().append(node);
  const close = () => {
    if (!node.isConnected) return;
    const heldFocus = node.contains(document.activeElement);
    node.remove();
    removeLayer();
    document.removeEventListener('pointerdown', outside, true);
    window.removeEventListener('resize', close);
    if (heldFocus && anchor.isConnected) anchor.focus();
    onClose();
  };
  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const removeLayer = pushLayer(close);
  document.addEventListener('pointerdown', outside, true);
  window.addEventListener('resize', close);
  place(anchor, node, alignRight, sameWidth);
  return close;
}

function place(anchor, node, alignRight, sameWidth) {
  const box = anchor.getBoundingClientRect();
  const margin = 8;
  if (sameWidth) node.style.minWidth = `${box.width}px`;
  const { width, height } = node.getBoundingClientRect();
  const wanted = alignRight ? box.right - width : box.left;
  const left = Math.max(margin, Math.min(wanted, window.innerWidth - width - margin));
  const below = box.bottom + 4;
  const fits = below + height + margin <= window.innerHeight;
  const top = fits ? below : Math.max(margin, box.top - height - 4);
  node.style.left = `${left}px`;
  node.style.top = `${top}px`;
}

/** Keep Tab inside `node`. */
export function trapFocus(node) {
  node.addEventListener('keydown', (event) => {
    if (event.key !== 'Tab') return;
    const stops = focusable(node);
    if (stops.length === 0) return;
    const [first, last] = [stops[0], stops.at(-1)];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  });
}

/** What Tab reaches inside `node`, in order. */
export function focusable(node) {
  const all = node.querySelectorAll('button, a[href], input, select, textarea, [tabindex="0"]');
  return [...all].filter((item) => !item.disabled && item.tabIndex >= 0 && item.offsetParent !== null);
}

/** Up and down arrows, Home and End move between the items of a menu. */
export function arrowKeys(node, selector) {
  node.addEventListener('keydown', (event) => {
    const items = [...node.querySelectorAll(selector)];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to === undefined || items.length === 0) return;
    event.preventDefault();
    items[(to + items.length) % items.length].focus();
  });
}

/** A menu of {label, run, danger?, note?, url?}; opens at once. */
export function openMenu(anchor, label, items, options = {}) {
  const menu = el('div', { class: 'menu', role: 'menu', 'aria-label': label });
  const close = openPopup(anchor, menu, { alignRight: true, ...options });
  for (const item of items) {
    menu.append(el('button', {
      type: 'button', role: 'menuitem', class: item.danger ? 'danger' : undefined,
      on: { click: () => { close(); item.run(); } },
    }, el('span', {}, item.label), item.note && el('small', {}, item.note)));
  }
  place(anchor, menu, options.alignRight ?? true, false);
  arrowKeys(menu, 'button');
  menu.querySelector('button')?.focus();
  return close;
}

/** Ask before doing; resolves to whether the person agreed. All texts are nodes or strings. */
export function confirmDialog({ title, text, confirm = 'Yes', deny = 'Cancel', danger = false }) {
  return new Promise((resolve) => {
    const back = document.activeElement;
    const finish = (answer) => {
      shade.remove();
      removeLayer();
      if (back?.isConnected) back.focus();
      resolve(answer);
    };
    const removeLayer = pushLayer(() => finish(false));
    const yes = el('button', { type: 'button', class: `button ${danger ? 'danger' : 'primary'}`, on: { click: () => finish(true) } }, confirm);
    const dialog = el('div', { class: 'dialog small', role: 'alertdialog', 'aria-modal': 'true', 'aria-label': plainText(title) },
      el('h2', {}, title),
      el('div', { class: 'dialog-body' }, text),
      el('div', { class: 'dialog-foot' },
        el('button', { type: 'button', class: 'button', on: { click: () => finish(false) } }, deny), yes));
    const shade = el('div', { class: 'shade top' }, dialog);
    host().append(shade);
    trapFocus(dialog);
    yes.focus();
  });
}

const plainText = (content) => (typeof content === 'string' ? content : 'Please confirm');
