// The middle of the page: a channel's or a conversation's messages and composer.

import { Composer } from './composer.js';
import { el, fill, icon, plural } from './dom.js';
import { openPopup } from './layers.js';
import { lifeButton } from './life.js';
import { MessageList } from './messages.js';
import { avatar, badges, localTime, nameOf } from './people.js';
import { inChannel } from './unread.js';

/** How many messages are drawn at first, and how many more at a time. */
const PAGE = 150;

export class ChannelPane {
  constructor(app) {
    this.app = app;
    this.list = new MessageList(app);
    this.composer = new Composer(app, { target: () => ({ channel: this.app.channelId() }), onSend: () => this.list.toEnd() });
    this.head = el('header', { class: 'pane-head' });
    this.note = el('div', { class: 'archived-note', hidden: true });
    this.node = el('section', { class: 'channel', 'aria-label': 'Conversation' }, this.head, this.list.node, this.note, this.composer.node);
    this.newAfter = null;
  }

  /** `bare`: inside the app's Messages tab, where the tabs are the head. */
  draw({ bare = false } = {}) {
    const { store, reads } = this.app;
    const id = this.app.channelId();
    const channel = store.channels.get(id);
    if (!channel) return;
    const key = `${store.me.id}/${id}`;
    if (key !== this.key) {
      this.key = key;
      this.limit = PAGE;
      this.newAfter = reads.of(channel).unseen ? reads.mark(id) : null;
    }
    this.head.hidden = bare;
    if (!bare) this.#drawHead(channel);
    const messages = store.history(id).filter(inChannel);
    const shown = messages.slice(-this.limit);
    const intro = shown.length < messages.length ? this.#earlier(messages.length - shown.length) : this.#intro(channel);
    this.list.draw({ channel: id, key, messages: shown, intro, newAfter: this.newAfter });
    this.note.hidden = !channel.archived;
    this.note.textContent = channel.archived ? `#${channel.name} is archived. You can read it, but not write.` : '';
    this.composer.node.hidden = Boolean(channel.archived);
    this.composer.show(`Message ${this.#title(channel)}`);
    this.#see(id);
  }

  /** Long histories are drawn a page at a time. */
  #earlier(count) {
    const more = () => {
      this.limit += PAGE;
      this.app.store.emit('messages');
    };
    return el('div', { class: 'intro' }, el('button', { type: 'button', class: 'button', on: { click: more } }, `Show earlier messages (${count})`));
  }

  #see(id) {
    if (document.visibilityState === 'visible' && this.app.reads.see(id)) this.app.store.emit('read');
  }

  #title(channel) {
    return channel.kind === 'im' ? channel.name : `#${channel.name}`;
  }

  #drawHead(channel) {
    const { store } = this.app;
    const signature = JSON.stringify([channel, store.me.id, store.people.size]);
    if (signature === this.headSignature) return;
    this.headSignature = signature;
    const other = channel.kind === 'im' ? store.people.get(channel.with) : null;
    const count = channel.members?.length ?? 0;
    const members = el('button', {
      type: 'button', class: 'members', 'aria-label': `${plural(count, 'member')}: show them`, on: { click: () => this.#showMembers(members, channel) },
    }, icon('people'), String(count));
    fill(this.head, this.app.menuButton(), el('h1', {}, other ? avatar(other, store, 24) : icon(channel.kind === 'private' ? 'lock' : 'hash'),
      el('span', {}, channel.name)),
    channel.shared && el('span', { class: 'shared-with' }, icon('linked'), el('span', {}, `Shared with ${this.#others(channel)}`)),
    other && badges(other, store),
    el('span', { class: 'spring' }), channel.kind !== 'im' && members,
    channel.kind !== 'im' && lifeButton(channel, store, (what) => this.app.request(what)));
  }

  #others(channel) {
    const { store } = this.app;
    const teams = new Set((channel.members ?? []).map((id) => store.people.get(id)?.team_id));
    const names = [...teams].filter((id) => id && id !== store.me.team_id).map((id) => store.team(id)?.name).filter(Boolean);
    return names.join(', ') || 'another company';
  }

  #showMembers(anchor, channel) {
    const { store } = this.app;
    const people = (channel.members ?? []).map((id) => store.people.get(id)).filter(Boolean);
    const panel = el('div', { class: 'member-list', role: 'dialog', 'aria-label': 'Members' }, people.map((person) => el('div', { class: 'member' },
      avatar(person, store, 32), el('div', {}, el('div', {}, el('b', {}, nameOf(person)), badges(person, store)),
        el('small', {}, person.is_bot ? 'App' : [person.title, localTime(person, store.now())].filter(Boolean).join(' · '))))));
    openPopup(anchor, panel, { alignRight: true });
  }

  /** What a conversation begins with: says where you are and what to do. */
  #intro(channel) {
    const { store } = this.app;
    const empty = store.history(channel.id).length === 0;
    if (channel.kind === 'im') {
      const bot = channel.with === store.app.bot_user_id;
      return el('div', { class: 'intro' }, el('h2', {}, channel.name),
        el('p', {}, bot ? `Direct messages between you and ${store.app.name}. ` : `This conversation is between you and ${channel.name}. `,
          empty && bot ? 'Reminders and questions for you alone arrive here.' : ''));
    }
    return el('div', { class: 'intro' }, el('h2', {}, channel.kind === 'private' ? icon('lock') : '#', channel.name),
      el('p', {}, channel.shared ? `People of ${store.team(store.me.team_id)?.name ?? 'your company'} and ${this.#others(channel)} work together here.`
        : 'Only people of one company are in here.',
      empty && ' Nothing has been said yet. Write something, or press “Go to the next event” above and see what the app posts.'));
  }
}
