// Slack's mrkdwn to DOM nodes. Control sequences (<...>) are recognised in the raw text; only what is shown is
// unescaped, and only &amp; &lt; &gt;. So escaped text can never turn into a mention, a link or an element.

import { el, link } from './dom.js';
import { emoji, emojiNode, withSymbols } from './emoji.js';
import { dateTokens } from './time.js';

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** Undo Slack's escaping, once. */
export function unescapeText(text) {
  return String(text ?? '').replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}

/** Escape as Slack does. */
export function escapeText(text) {
  return String(text ?? '').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/**
 * Nodes for a mrkdwn text.
 * `env` answers: person(id), channel(id), me, zone, now(); `verbatim` leaves bare addresses alone.
 */
export function mrkdwn(text, env, { verbatim = false } = {}) {
  const parts = String(text ?? '').split('```');
  if (parts.length % 2 === 0) {
    const unfinished = parts.pop();
    parts[parts.length - 1] += `\`\`\`${unfinished}`;
  }
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) return [el('pre', {}, tokensOnly(part.replace(/^\n|\n$/g, ''), env))];
    return lines(trimAroundPre(part, index, parts.length), env, verbatim);
  });
}

function trimAroundPre(part, index, count) {
  let text = part;
  if (index > 0) text = text.replace(/^\n/, '');
  if (index < count - 1) text = text.replace(/\n$/, '');
  return text;
}

/** Lines, with runs of quoted lines gathered into one blockquote. */
function lines(text, env, verbatim) {
  if (text === '') return [];
  const nodes = [];
  let quote = null;
  for (const [index, line] of text.split('\n').entries()) {
    const quoted = line.match(/^(?:&gt;|>)(?:&gt;&gt;)? ?(.*)$/);
    if (quoted) {
      if (quote === null) nodes.push((quote = el('blockquote')));
      else quote.append(el('br'));
      quote.append(...inline(quoted[1], env, verbatim));
      continue;
    }
    if (index > 0 && quote === null) nodes.push(el('br'));
    quote = null;
    nodes.push(...inline(line, env, verbatim));
  }
  return nodes;
}

const WORD = /[\p{L}\p{N}]/u;
const STYLES = { '*': 'strong', _: 'em', '~': 's' };
const BARE_URL = /^https?:\/\/[^\s<>*~`|]+[^\s<>*_~`|.,;:!?)'"\]]/;

/** One line: code, control sequences, emoji, bare addresses and the three styles. */
export function inline(text, env, verbatim = false) {
  const nodes = [];
  let plain = '';
  const flush = () => {
    if (plain) nodes.push(...withSymbols(unescapeText(plain)));
    plain = '';
  };
  for (let at = 0; at < text.length; ) {
    const found = special(text, at, env, verbatim);
    if (found === null) {
      plain += text[at];
      at += 1;
      continue;
    }
    flush();
    nodes.push(found.node);
    at = found.end;
  }
  flush();
  return nodes;
}

function special(text, at, env, verbatim) {
  const char = text[at];
  if (char === '`') return codeSpan(text, at, env);
  if (char === '<') return control(text, at, env);
  if (char === ':') return emojiAt(text, at);
  if (STYLES[char]) return styled(text, at, env, verbatim);
  if (char === 'h' && !verbatim && !WORD.test(text[at - 1] ?? ' ')) return bareUrl(text, at);
  return null;
}

function codeSpan(text, at, env) {
  const close = text.indexOf('`', at + 1);
  if (close <= at + 1) return null;
  return { node: el('code', {}, tokensOnly(text.slice(at + 1, close), env)), end: close + 1 };
}

function emojiAt(text, at) {
  const match = /^:([a-z0-9_+'-]+)(?:::skin-tone-\d)?:/.exec(text.slice(at, at + 60));
  const symbol = match && emoji(match[1]);
  return symbol ? { node: emojiNode(match[1], symbol), end: at + match[0].length } : null;
}

/** *bold*: opened after a non-word, before a non-space; closed after a non-space, before a non-word. */
function styled(text, at, env, verbatim) {
  const mark = text[at];
  const next = text[at + 1];
  if (WORD.test(text[at - 1] ?? ' ') || next === undefined || next === ' ' || next === mark) return null;
  for (let close = text.indexOf(mark, at + 2); close > 0; close = text.indexOf(mark, close + 1)) {
    if (text[close - 1] === ' ' || WORD.test(text[close + 1] ?? ' ') || insideToken(text, at, close)) continue;
    return { node: el(STYLES[mark], {}, inline(text.slice(at + 1, close), env, verbatim)), end: close + 1 };
  }
  return null;
}

/** Whether a control sequence or a code span is open between the two places. */
function insideToken(text, from, to) {
  const between = text.slice(from, to);
  return between.lastIndexOf('<') > between.lastIndexOf('>') || (between.split('`').length - 1) % 2 === 1;
}

function bareUrl(text, at) {
  const match = BARE_URL.exec(text.slice(at));
  if (!match) return null;
  const url = unescapeText(match[0]);
  return { node: link(url, url), end: at + match[0].length };
}

function control(text, at, env) {
  const close = text.indexOf('>', at);
  if (close < 0) return null;
  const body = text.slice(at + 1, close);
  if (!/^(?:[@#!]|https?:|mailto:|tel:)/.test(body)) return null;
  return { node: token(body, env), end: close + 1 };
}

/** In code only control sequences count. */
function tokensOnly(text, env) {
  return text.split(/(<[^<>]+>)/).map((part) => {
    const found = part.startsWith('<') ? control(part, 0, env) : null;
    return found ? found.node : unescapeText(part);
  });
}

function token(body, env) {
  const cut = body.indexOf('|');
  const target = cut < 0 ? body : body.slice(0, cut);
  const label = cut < 0 ? null : unescapeText(body.slice(cut + 1));
  if (target.startsWith('@')) return personMention(target.slice(1), env, label);
  if (target.startsWith('#')) return channelMention(target.slice(1), env, label);
  if (target.startsWith('!')) return command(target.slice(1), label, env);
  const url = unescapeText(target);
  return link(url, label ?? url.replace(/^mailto:/, ''));
}

/** @Name, marked when it is the acting person. */
export function personMention(id, env, label = null) {
  const person = env.person(id);
  const mine = id === env.me ? ' mine' : '';
  return el('span', { class: `mention${mine}`, 'data-user': id }, `@${person?.real_name || person?.name || label || id}`);
}

/** #channel, which opens it; a private one the person cannot see stays unnamed, as in Slack. */
export function channelMention(id, env, label = null) {
  const channel = env.channel(id);
  if (!channel) return el('span', { class: 'mention' }, label ? `#${label}` : 'private channel');
  return el('button', { type: 'button', class: 'mention', on: { click: () => env.open(id) } }, `#${channel.name}`);
}

function command(body, label, env) {
  const [name, ...rest] = body.split('^');
  if (name === 'date') return dateNode(rest, label, env);
  if (['here', 'channel', 'everyone'].includes(name)) return el('span', { class: 'mention mine' }, `@${name}`);
  if (name === 'subteam') return el('span', { class: 'mention' }, withAt(label ?? rest[0] ?? 'group'));
  return document.createTextNode(label ?? `<${body}>`);
}

const withAt = (name) => (name.startsWith('@') ? name : `@${name}`);

/** A moment in the acting person's zone; the fallback when the stamp is not a number. */
export function dateNode([stamp, pattern, url], fallback, env) {
  const seconds = Number(stamp);
  if (!pattern || !Number.isFinite(seconds) || !stamp) return document.createTextNode(fallback ?? '');
  const text = dateTokens(unescapeText(pattern), seconds, env.zone, env.now());
  const full = dateTokens('{date_long} at {time}', seconds, env.zone, env.now());
  const node = el('time', { datetime: new Date(seconds * 1000).toISOString(), title: full }, text);
  return url ? link(unescapeText(url), node) : node;
}
