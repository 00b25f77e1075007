// rich_text blocks, and the plain parts shared with tables.

import { el, link } from './dom.js';
import { emojiNode } from './emoji.js';
import { channelMention, dateNode, personMention } from './mrkdwn.js';

/** Nodes for the elements of a rich_text block. */
export function richText(block, env) {
  return (block.elements ?? []).map((element) => container(element, env));
}

function container(element, env) {
  switch (element.type) {
    case 'rich_text_section':
      return el('div', { class: 'rich-section' }, inlines(element.elements, env));
    case 'rich_text_quote':
      return el('blockquote', {}, inlines(element.elements, env));
    case 'rich_text_preformatted':
      return el('pre', {}, inlines(element.elements, env));
    case 'rich_text_list':
      return list(element, env);
    default:
      return el('div', { class: 'unsupported' }, `Unsupported rich text: ${element.type}`);
  }
}

function list(element, env) {
  const ordered = element.style === 'ordered';
  const indent = { 'margin-left': `${(element.indent ?? 0) * 24}px` };
  const items = (element.elements ?? []).map((item) => el('li', {}, container(item, env)));
  const start = ordered && element.offset ? element.offset + 1 : undefined;
  return el(ordered ? 'ol' : 'ul', { style: indent, start, 'data-indent': (element.indent ?? 0) % 3 }, items);
}

const inlines = (elements, env) => (elements ?? []).map((part) => styled(inline(part, env), part.style));

function inline(part, env) {
  switch (part.type) {
    case 'text':
      return withBreaks(part.text);
    case 'link':
      return link(part.url, part.text || part.url);
    case 'user':
      return personMention(part.user_id, env);
    case 'channel':
      return channelMention(part.channel_id, env);
    case 'usergroup':
      return el('span', { class: 'mention' }, `@${part.usergroup_id}`);
    case 'team':
      return el('span', { class: 'mention' }, `@${env.team(part.team_id)?.name ?? part.team_id}`);
    case 'broadcast':
      return el('span', { class: 'mention mine' }, `@${part.range}`);
    case 'emoji':
      return emojiNode(part.name);
    case 'date':
      return dateNode([String(part.timestamp), part.format, part.url], part.fallback, env);
    case 'color':
      return colour(part.value);
    default:
      return document.createTextNode(part.text ?? `[${part.type}]`);
  }
}

function colour(value) {
  const known = /^#[0-9a-f]{6}$/i.test(value ?? '');
  return el('code', {}, known && el('span', { class: 'swatch', style: { background: value } }), value ?? '');
}

function withBreaks(text) {
  const [first, ...rest] = String(text ?? '').split('\n');
  const fragment = document.createDocumentFragment();
  fragment.append(first);
  for (const line of rest) fragment.append(el('br'), line);
  return fragment;
}

function styled(node, style) {
  const tags = { code: 'code', strike: 's', italic: 'em', bold: 'strong', underline: 'u' };
  return Object.entries(tags).reduce((inner, [name, tag]) => (style?.[name] ? el(tag, {}, inner) : inner), node);
}

/** A table block: the first row is its head. */
export function table(block, env) {
  const [head = [], ...rows] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  const row = (cells, tag) => el('tr', {}, cells.map((cell, column) => tableCell(cell, tag, settings[column], env)));
  return el('div', { class: 'table-scroll', tabindex: 0, role: 'region', 'aria-label': 'Table' },
    el('table', {}, el('thead', {}, row(head, 'th')), el('tbody', {}, rows.map((cells) => row(cells, 'td')))));
}

function tableCell(cell, tag, settings, env) {
  const align = ['center', 'right'].includes(settings?.align) ? settings.align : undefined;
  const content = cell?.type === 'rich_text' ? richText(cell, env) : String(cell?.text ?? cell?.value ?? '');
  return el(tag, { style: align ? { 'text-align': align } : {}, class: settings?.is_wrapped ? 'wrapped' : undefined }, content);
}
