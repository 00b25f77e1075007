// What this page knows. `apply` takes packets from the server; listeners are told which part changed.

import { knownZone } from './time.js';
import { unescapeText } from './mrkdwn.js';

/** Whether a message stands in somebody else's thread. */
export const isReply = (message) => Boolean(message.thread_ts && message.thread_ts !== message.ts);

export class Store {
  constructor() {
    this.listeners = new Map();
    this.dismissed = new Set();
    this.formsByMessage = new Map();
    this.place = { kind: 'none' };
    this.thread = null;
    this.#empty();
  }

  #empty() {
    this.order = new Map();
    Object.assign(this, {
      me: null, people: new Map(), teams: new Map(), channels: new Map(), messages: new Map(), home: null, views: [],
      viewErrors: {}, commands: [], shortcuts: [], clock: null, app: { bot_user_id: '', name: 'App' },
    });
  }

  /** Call `listener` when any of the topics changes. */
  on(topics, listener) {
    for (const topic of topics.split(' ')) {
      this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
    }
  }

  emit(...topics) {
    for (const listener of new Set(topics.flatMap((topic) => this.listeners.get(topic) ?? []))) listener();
  }

  /** Take in one packet. Returns false when the type is not about state. */
  apply(packet) {
    const handler = HANDLERS[packet.type];
    if (!handler) return false;
    this.emit(...handler(this, packet));
    return true;
  }

  /** The whole state, for the person now acting. */
  load(packet) {
    this.#empty();
    const index = (list) => new Map((list ?? []).map((item) => [item.id, item]));
    Object.assign(this, {
      me: packet.me, people: index(packet.people), teams: index(packet.teams), channels: index(packet.channels), home: packet.home,
      views: packet.views ?? [], commands: packet.commands ?? [], shortcuts: packet.shortcuts ?? [], app: packet.app ?? this.app,
    });
    for (const [channel, messages] of Object.entries(packet.messages ?? {})) {
      this.messages.set(channel, new Map(messages.map((message) => [message.ts, message])));
    }
    this.setClock(packet.clock);
  }

  setClock(clock) {
    this.clock = clock ? { ...clock, readAt: performance.now() } : null;
  }

  /** The sandbox's present moment; between packets it runs on at the clock's speed. */
  now() {
    if (!this.clock) return new Date();
    const passed = this.clock.paused ? 0 : (performance.now() - this.clock.readAt) * this.clock.speed;
    return new Date(Date.parse(this.clock.now) + passed);
  }

  get zone() {
    return knownZone(this.me?.tz);
  }

  /** A channel's messages in order, the private ones ("only visible to you") among them. */
  history(channelId) {
    return this.#sorted(channelId).all;
  }

  /** A channel's replies by the stamp of their thread. */
  threads(channelId) {
    return this.#sorted(channelId).threads;
  }

  /** A thread: its first message (if it is still there) and the replies. */
  threadOf(channelId, ts) {
    const first = this.messages.get(channelId)?.get(ts);
    return [...(first ? [first] : []), ...(this.threads(channelId).get(ts) ?? [])];
  }

  /** Sorted and grouped once for every change of a channel. */
  #sorted(channelId) {
    const known = this.order.get(channelId);
    if (known) return known;
    const all = [...(this.messages.get(channelId)?.values() ?? [])]
      .filter((message) => !this.dismissed.has(message.ts)).sort((a, b) => (a.ts < b.ts ? -1 : 1));
    const threads = new Map();
    for (const message of all.filter(isReply)) {
      threads.set(message.thread_ts, [...(threads.get(message.thread_ts) ?? []), message]);
    }
    this.order.set(channelId, { all, threads });
    return { all, threads };
  }

  /** Who a message is from, as a person, even when nobody of that id is known. */
  author(message) {
    const known = this.people.get(message.user);
    if (known) return known;
    const name = message.username ?? message.bot_profile?.name ?? (message.bot_id ? this.app.name : message.user ?? 'Slackbot');
    return { id: message.user ?? message.bot_id ?? 'unknown', name, real_name: name, is_bot: Boolean(message.bot_id), team_id: '' };
  }

  /** Whether this person is of another company than the acting one. */
  isForeign(person) {
    return Boolean(person && this.me && person.team_id && person.team_id !== this.me.team_id);
  }

  team(id) {
    return this.teams.get(id) ?? null;
  }

  /** Take a message that only this person sees out of the way. */
  dismiss(ts) {
    this.dismissed.add(ts);
    this.order.clear();
    this.emit('messages');
  }

  /** What a person types for a stored text: names instead of ids, nothing escaped. */
  asTyped(text) {
    return unescapeText(String(text ?? '').replace(/<@(\w+)(?:\|[^>]*)?>/g, (whole, id) => {
      const person = this.people.get(id);
      return person ? `@${person.real_name || person.name}` : whole;
    }));
  }
}

function put(store, { channel, message }) {
  if (!store.messages.has(channel)) store.messages.set(channel, new Map());
  store.messages.get(channel).set(message.ts, message);
  store.order.delete(channel);
}

const HANDLERS = {
  state: (store, packet) => { store.load(packet); return ['all']; },
  message: (store, packet) => { put(store, packet); return ['messages']; },
  message_changed: (store, packet) => { put(store, packet); return ['messages']; },
  message_deleted: (store, { channel, ts }) => {
    store.messages.get(channel)?.delete(ts);
    store.order.delete(channel);
    return ['messages'];
  },
  ephemeral: (store, { channel, message, thread_ts: threadTs }) => {
    put(store, { channel, message: { ...message, is_ephemeral: true, thread_ts: threadTs ?? message.thread_ts } });
    return ['messages'];
  },
  channel: (store, { channel }) => {
    if (channel.members.includes(store.me?.id)) store.channels.set(channel.id, channel);
    else store.channels.delete(channel.id);
    return ['channels'];
  },
  views: (store, { views }) => {
    store.views = views ?? [];
    store.viewErrors = Object.fromEntries(Object.entries(store.viewErrors).filter(([id]) => store.views.some((view) => view.id === id)));
    return ['views'];
  },
  view_errors: (store, { view_id: id, errors }) => { store.viewErrors = { ...store.viewErrors, [id]: errors }; return ['views']; },
  home: (store, { view }) => { store.home = view; return ['home']; },
  clock: (store, { clock }) => { store.setClock(clock); return ['clock']; },
};
