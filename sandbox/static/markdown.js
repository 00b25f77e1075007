// The `markdown` block: the common part of Markdown (headings, lists, quotes, fences, rules, tables, inline styles).

import { el, link } from './dom.js';
import { withEmoji, withSymbols } from './emoji.js';

/** Nodes for a Markdown text. */
export function markdown(text) {
  return blocks(String(text ?? '').replace(/\r/g, '').split('\n'));
}

const RULES = [
  { opens: /^\s*```/, take: fence },
  { opens: /^#{1,6}\s/, take: heading },
  { opens: /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/, take: (lines) => [el('hr'), 1, lines] },
  { opens: /^\s*>/, take: quote },
  { opens: /^\s*(?:[-*+]|\d+[.)])\s/, take: list },
  { opens: /^\s*\|.*\|\s*$/, take: table },
];

function blocks(lines) {
  const nodes = [];
  let rest = lines;
  while (rest.length > 0) {
    if (!rest[0].trim()) {
      rest = rest.slice(1);
      continue;
    }
    const rule = RULES.find(({ opens }) => opens.test(rest[0]));
    const [node, used] = (rule?.take ?? paragraph)(rest);
    nodes.push(node);
    rest = rest.slice(used);
  }
  return nodes;
}

function run(lines, accepts) {
  const end = lines.findIndex((line, index) => index > 0 && !accepts(line));
  return lines.slice(0, end < 0 ? lines.length : end);
}

function fence(lines) {
  const end = lines.findIndex((line, index) => index > 0 && /^\s*```\s*$/.test(line));
  const stop = end < 0 ? lines.length : end;
  return [el('pre', {}, lines.slice(1, stop).join('\n')), stop + 1];
}

function heading(lines) {
  const [, marks, text] = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[0]);
  return [el('div', { class: `md-heading md-h${marks.length}`, role: 'heading', 'aria-level': marks.length + 2 }, inline(text)), 1];
}

function quote(lines) {
  const quoted = run(lines, (line) => /^\s*>/.test(line));
  return [el('blockquote', {}, blocks(quoted.map((line) => line.replace(/^\s*> ?/, '')))), quoted.length];
}

/** A list; lines indented further belong to the item above them. */
function list(lines) {
  const item = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
  const depth = lines[0].match(/^\s*/)[0].length;
  const taken = run(lines, (line) => line.trim() !== '' && (item.test(line) ? line.match(/^\s*/)[0].length >= depth : /^\s/.test(line)));
  const groups = [];
  for (const line of taken) {
    const match = item.exec(line);
    if (match && match[1].length <= depth + 1) groups.push({ text: match[3], inner: [] });
    else groups.at(-1).inner.push(line);
  }
  const ordered = /^\s*\d/.test(lines[0]);
  const start = ordered ? Number.parseInt(lines[0].trim(), 10) : undefined;
  return [el(ordered ? 'ol' : 'ul', { start }, groups.map(listItem)), taken.length];
}

function listItem({ text, inner }) {
  const task = /^\[([ xX])\]\s+(.*)$/.exec(text);
  const content = task ? [task[1] === ' ' ? '☐ ' : '☑ ', inline(task[2])] : inline(text);
  return el('li', {}, content, blocks(inner.map((line) => line.replace(/^ {1,4}|^\t/, ''))));
}

function table(lines) {
  const rows = run(lines, (line) => /^\s*\|/.test(line));
  const cells = (line) => line.trim().replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());
  const ruled = rows[1] !== undefined && /^[\s|:-]+$/.test(rows[1]);
  const row = (line, tag) => el('tr', {}, cells(line).map((cell) => el(tag, {}, inline(cell))));
  const body = rows.slice(ruled ? 2 : 0).map((line) => row(line, 'td'));
  return [el('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Table' },
    el('table', {}, ruled && el('thead', {}, row(rows[0], 'th')), el('tbody', {}, body))), rows.length];
}

function paragraph(lines) {
  const taken = run(lines, (line) => line.trim() !== '' && !RULES.some(({ opens }) => opens.test(line)));
  const content = taken.flatMap((line, index) => (index ? [el('br'), ...inline(line)] : inline(line)));
  return [el('p', {}, content), taken.length];
}

const INLINE = [
  [/`([^`]+)`/, (match) => el('code', {}, match[1])],
  [/!?\[([^\]]*)\]\(([^)\s]+)\)/, (match) => link(match[2], inline(match[1]))],
  [/\*\*([^*].*?)\*\*|__([^_].*?)__/, (match) => el('strong', {}, inline(match[1] ?? match[2]))],
  [/~~(.+?)~~/, (match) => el('s', {}, inline(match[1]))],
  [/(?<![\p{L}\p{N}*])\*([^*\s][^*]*)\*|(?<![\p{L}\p{N}_])_([^_\s][^_]*)_(?![\p{L}\p{N}])/u,
    (match) => el('em', {}, inline(match[1] ?? match[2]))],
  [/<?(https?:\/\/[^\s<>)]+)>?/, (match) => link(match[1], match[1])],
];

/** Inline styles: the leftmost match wins, then what follows it. */
function inline(text) {
  if (!text) return [];
  const found = INLINE.map(([pattern, make]) => ({ match: pattern.exec(text), make }))
    .filter(({ match }) => match)
    .sort((a, b) => a.match.index - b.match.index)[0];
  if (!found) return withSymbols(withEmoji(text.replace(/\\([\\`*_{}[\]()#+.!|~-])/g, '$1')));
  const { match, make } = found;
  return [...inline(text.slice(0, match.index)), make(match), ...inline(text.slice(match.index + match[0].length))];
}
