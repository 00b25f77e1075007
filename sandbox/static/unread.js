// What a person has not seen yet. The sandbox keeps no read marks, so this page does, per person, for this browser tab.

import { isReply } from './state.js';

const KEY = 'sandbox-read-marks';

export class ReadMarks {
  constructor(store) {
    this.store = store;
    this.saved = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
  }

  /** The first state this tab sees counts as read, for everybody; what comes later does not. */
  begin() {
    if (this.saved.baseline) return;
    const stamps = [...this.store.messages.values()].flatMap((messages) => [...messages.keys()]);
    this.saved.baseline = stamps.sort().at(-1) ?? '0';
    this.#save();
  }

  #save() {
    sessionStorage.setItem(KEY, JSON.stringify(this.saved));
  }

  #key(channelId, threadTs) {
    return [this.store.me?.id, channelId, threadTs ?? ''].join('/');
  }

  /** The newest stamp seen in a channel, or in one of its threads. */
  mark(channelId, threadTs) {
    return this.saved[this.#key(channelId, threadTs)] ?? this.saved.baseline ?? '0';
  }

  /** All that is there now has been seen. Returns whether anything was new. */
  see(channelId, threadTs) {
    const newest = this.#listed(channelId, threadTs).at(-1)?.ts;
    if (!newest || newest <= this.mark(channelId, threadTs)) return false;
    this.saved[this.#key(channelId, threadTs)] = newest;
    this.#save();
    return true;
  }

  #listed(channelId, threadTs) {
    if (threadTs) return this.store.threads(channelId).get(threadTs) ?? [];
    return this.store.history(channelId).filter(inChannel);
  }

  #fresh(messages, mark) {
    return messages.filter((message) => message.ts > mark && message.user !== this.store.me?.id);
  }

  /** New replies in one thread. */
  repliesUnseen(channelId, threadTs) {
    return this.#fresh(this.#listed(channelId, threadTs), this.mark(channelId, threadTs)).length;
  }

  /** {unseen: any new message, badge: how many of them are for this person}. */
  of(channel) {
    const fresh = this.#fresh(this.#listed(channel.id), this.mark(channel.id));
    const threads = [...this.store.threads(channel.id).keys()];
    const replies = threads.flatMap((ts) => this.#fresh(this.#listed(channel.id, ts), this.mark(channel.id, ts)));
    const mine = (message) => channel.kind === 'im' || this.#names(message);
    return { unseen: fresh.length > 0, badge: fresh.filter(mine).length + replies.filter((reply) => this.#names(reply)).length };
  }

  #names(message) {
    const id = this.store.me?.id;
    const text = JSON.stringify([message.text, message.blocks]);
    return text.includes(`<@${id}`) || text.includes(`"user_id":"${id}"`);
  }
}

/** Whether a message stands in the channel itself and not only in a thread. */
export const inChannel = (message) => !isReply(message) || message.subtype === 'thread_broadcast';
