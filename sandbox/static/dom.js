// Building DOM nodes. Text always enters as a text node; nothing on this page parses HTML.

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'selected', 'indeterminate']);

/** Make an element. `attrs` may hold `on` (listeners), `class`, `style` (object) and plain attributes. */
export function el(tag, attrs = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) setAttribute(node, name, value);
  node.append(...flatten(children));
  return node;
}

function setAttribute(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === 'on') {
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  } else if (name === 'style') {
    for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
  } else if (PROPERTIES.has(name)) {
    node[name] = value;
  } else {
    node.setAttribute(name, value === true ? '' : String(value));
  }
}

function flatten(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replace everything inside `node`. */
export function fill(node, ...children) {
  node.replaceChildren(...flatten(children));
  return node;
}

/** Make `children` the children of `parent` without touching those that stay: focus and caret remain. */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let at = parent.firstChild;
  for (const child of children) {
    if (child === at) at = at.nextSibling;
    else parent.insertBefore(child, at);
  }
}

/** A link target we are willing to follow, or null: only web addresses, mail, telephone and own files. */
export function safeUrl(url) {
  const text = String(url ?? '');
  if (/^\/(?!\/)/.test(text)) return text;
  try {
    return ['http:', 'https:', 'mailto:', 'tel:'].includes(new URL(text).protocol) ? text : null;
  } catch {
    return null;
  }
}

/** A link that opens in a new tab; plain text where the target is not safe. */
export function link(url, ...children) {
  const target = safeUrl(url);
  if (target === null) return el('span', {}, ...children);
  return el('a', { href: target, target: '_blank', rel: 'noopener noreferrer' }, ...children);
}

/** A number unique on this page, for ids that tie labels to fields. */
let counter = 0;
export function uniqueId(prefix) {
  counter += 1;
  return `${prefix}-${counter}`;
}

/** "1 reply", "3 replies". */
export function plural(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}

/** A line icon from the small set below, hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [key, value] of Object.entries({ viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true' })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

const ICONS = {
  hash: 'M7.5 3 6 17M14 3l-1.500 14M3.500 7.500h14M2.500 12.500h14',
  lock: 'M5 9h10v8H5zM7 9V6.500a3 3 0 0 1 6 0V9',
  linked: 'M8 12a4 4 0 0 1 0-5.600l2-2a4 4 0 0 1 5.600 5.600l-1 1M12 8a4 4 0 0 1 0 5.600l-2 2A4 4 0 0 1 4.400 10l1-1',
  reply: 'M4 4h12v9H9l-4 3.500V13H4z',
  smile: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M7 12a3.500 3.500 0 0 0 6 0M7.500 8v.6M12.500 8v.6',
  pencil: 'M4 16l.8-3.600L13 4.200l2.800 2.800-8.200 8.200z',
  trash: 'M4 6h12M8 6V4h4v2M6 6l.7 10.500h6.600L14 6',
  more: 'M4.500 10h.01M10 10h.01M15.500 10h.01',
  close: 'M5 5l10 10M15 5 5 15',
  send: 'M3 4l14 6-14 6 2.500-6zM5.500 10H11',
  menu: 'M3 5.500h14M3 10h14M3 14.500h14',
  down: 'M5 8l5 5 5-5',
  eye: 'M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5M10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  play: 'M6 4l10 6-10 6z',
  pause: 'M7 4v12M13 4v12',
  next: 'M4 4l8 6-8 6zM15.500 4v12',
  help: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M7.800 8a2.200 2.200 0 1 1 3 2c-.6.3-.8.7-.8 1.500M10 14v.2',
  file: 'M5 3h7l3 3v11H5zM12 3v3h3',
  back: 'M12 4l-6 6 6 6',
  people: 'M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2 17c0-4 2-6 5-6s5 2 5 6M13 9a2.500 2.500 0 1 0 0-5M13.500 11.500c2.500 0 4.500 2 4.500 5.500',
  bolt: 'M11 2 4 12h5l-1 6 7-10h-5z',
};
