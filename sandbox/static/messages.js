// A list of messages with day dividers, for a channel and for a thread. Only what changed is drawn again.

import { arrange, el, plural } from './dom.js';
import { rememberFocus } from './focus.js';
import { drawMessage } from './message.js';
import { dayTitle, localDay, stampDate } from './time.js';

const GROUP_SECONDS = 300;
const NEAR_END_PX = 120;

export class MessageList {
  /** `inThread`: no day dividers, no thread bars; the first message stands above the rest. */
  constructor(app, { inThread = false } = {}) {
    this.app = app;
    this.inThread = inThread;
    this.drawn = new Map();
    this.node = el('div', { class: 'messages', role: 'log', 'aria-label': inThread ? 'Thread' : 'Messages', tabindex: 0 });
    this.key = null;
    this.atEnd = true;
    this.node.addEventListener('scroll', () => { this.atEnd = this.#distanceFromEnd() < NEAR_END_PX; });
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.node);
  }

  #distanceFromEnd() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight;
  }

  /** Scroll to the newest message, and stay there. */
  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
    this.atEnd = true;
  }

  /** Draw `messages` of `channel`. `intro` stands above them; `newAfter` is the last stamp seen before. */
  draw({ channel, key, messages, intro = null, newAfter = null }) {
    const changedPlace = key !== this.key;
    const nearEnd = this.atEnd;
    const count = this.drawn.size;
    if (changedPlace) this.drawn.clear();
    this.key = key;
    const restore = rememberFocus(this.node);
    const items = this.#items(channel, messages, newAfter);
    arrange(this.node, [intro, ...items].filter(Boolean));
    restore();
    const own = messages.at(-1)?.user === this.app.store.me?.id && this.drawn.size > count;
    if (changedPlace || nearEnd || own) this.toEnd();
  }

  #items(channel, messages, newAfter) {
    const { store } = this.app;
    const today = localDay(store.now(), store.zone);
    const fresh = new Map();
    const items = [];
    let previous = null;
    for (const message of messages) {
      const divider = this.#divider(previous, message, messages, newAfter);
      items.push(...divider);
      const place = { channel, inThread: this.inThread, compact: divider.length === 0 && follows(previous, message), mentioned: this.#mentions(message) };
      const node = this.#node(message, place, today);
      fresh.set(message.ts, node);
      items.push(node.element);
      previous = message;
    }
    this.drawn = fresh;
    return items;
  }

  #node(message, place, today) {
    const { store, reads } = this.app;
    const unseen = this.inThread ? 0 : reads.repliesUnseen(place.channel, message.ts);
    const signature = JSON.stringify([message, place, today, store.me.id, store.zone, unseen, store.people.size]);
    const former = this.drawn.get(message.ts);
    return former?.signature === signature ? former : { signature, element: drawMessage(message, place, this.app) };
  }

  #mentions(message) {
    return message.user !== this.app.store.me.id && JSON.stringify([message.text, message.blocks]).includes(`<@${this.app.store.me.id}`);
  }

  #divider(previous, message, messages, newAfter) {
    if (this.inThread) return previous && message === messages[1] ? [repliesRule(messages.length - 1)] : [];
    const { store } = this.app;
    const date = stampDate(message.ts);
    const rules = [];
    if (!previous || localDay(stampDate(previous.ts), store.zone) !== localDay(date, store.zone)) {
      rules.push(rule('day', dayTitle(date, store.zone, store.now())));
    }
    if (newAfter && (!previous || previous.ts <= newAfter) && message.ts > newAfter && !message.is_ephemeral && message.user !== store.me.id) rules.push(rule('new', 'New'));
    return rules;
  }
}

const rule = (kind, words) => el('div', { class: `rule ${kind}`, role: 'separator', 'aria-label': words }, el('span', {}, words));
const repliesRule = (count) => rule('replies', plural(count, 'reply', 'replies'));

/** Whether a message continues what the same author just wrote. */
function follows(previous, message) {
  if (!previous || previous.is_ephemeral || message.is_ephemeral || message.subtype === 'thread_broadcast') return false;
  const near = Number.parseFloat(message.ts) - Number.parseFloat(previous.ts) < GROUP_SECONDS;
  return near && previous.user === message.user && previous.bot_id === message.bot_id && !previous.reply_count;
}
