// The left side: the company, its channels, direct messages and the app.

import { el, fill, icon } from './dom.js';
import { rememberFocus } from './focus.js';
import { avatar } from './people.js';

export class Sidebar {
  constructor(app) {
    this.app = app;
    this.node = el('nav', { class: 'sidebar', id: 'sidebar', 'aria-label': 'Channels and messages' });
  }

  draw() {
    const { store } = this.app;
    if (!store.me) return;
    const restore = rememberFocus(this.node);
    const channels = [...store.channels.values()].sort((a, b) => a.name.localeCompare(b.name));
    const bot = store.app.bot_user_id;
    const rooms = channels.filter((channel) => channel.kind !== 'im' && !channel.archived);
    const old = channels.filter((channel) => channel.kind !== 'im' && channel.archived);
    const direct = channels.filter((channel) => channel.kind === 'im' && channel.with !== bot);
    fill(this.node, el('div', { class: 'workspace' }, el('h2', {}, store.team(store.me.team_id)?.name ?? 'Workspace'),
      el('small', {}, store.me.external ? 'the provider’s own workspace' : 'your company’s workspace')),
    section('Channels', rooms.map((channel) => this.#room(channel))),
    direct.length > 0 && section('Direct messages', direct.map((channel) => this.#direct(channel))),
    section('Apps', [this.#appEntry(channels.find((channel) => channel.kind === 'im' && channel.with === bot))]),
    old.length > 0 && section('Archived', old.map((channel) => this.#room(channel))));
    restore();
  }

  #room(channel) {
    const kind = channel.kind === 'private' ? 'lock' : 'hash';
    const shared = channel.shared && el('span', { class: 'shared', title: 'Shared with another company' }, icon('linked'), el('span', { class: 'sr' }, ' shared with another company'));
    return this.#entry(channel, [icon(kind), el('span', { class: 'name' }, channel.name), shared]);
  }

  #direct(channel) {
    const person = this.app.store.people.get(channel.with) ?? { id: channel.id, name: channel.name };
    return this.#entry(channel, [avatar(person, this.app.store, 20), el('span', { class: 'name' }, channel.name)]);
  }

  #entry(channel, content) {
    const { store, reads } = this.app;
    const { unseen, badge } = reads.of(channel);
    const current = store.place.kind === 'channel' && store.place.id === channel.id;
    return el('button', {
      type: 'button', class: unseen ? 'entry unseen' : 'entry', 'aria-current': current ? 'page' : undefined, on: { click: () => this.app.open(channel.id) },
    }, content, badge > 0 && el('span', { class: 'count', 'aria-label': `${badge} unread` }, String(badge)));
  }

  #appEntry(channel) {
    const { store, reads } = this.app;
    const bot = store.people.get(store.app.bot_user_id) ?? { id: 'app', name: store.app.name, is_bot: true };
    const badge = channel ? reads.of(channel).badge : 0;
    return el('button', {
      type: 'button', class: badge ? 'entry unseen' : 'entry', 'aria-current': store.place.kind === 'app' ? 'page' : undefined,
      on: { click: () => this.app.openApp(badge || store.me.external ? 'messages' : 'home') },
    }, avatar(bot, store, 20), el('span', { class: 'name' }, store.app.name), badge > 0 && el('span', { class: 'count', 'aria-label': `${badge} unread` }, String(badge)));
  }
}

const section = (title, entries) => el('div', { class: 'side-section' }, el('h3', {}, title), entries);
