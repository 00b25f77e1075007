// Where a person writes. Enter sends, Shift+Enter makes a line; @ offers people, / offers commands.

import { el, fill, icon } from './dom.js';
import { withEmoji } from './emoji.js';
import { avatar, nameOf } from './people.js';

export class Composer {
  /** `target()` → {channel, threadTs}; the list of offers stands above the field. */
  constructor(app, { target, threaded = false, onSend = () => {} }) {
    this.app = app;
    this.onSend = onSend;
    this.target = target;
    this.threaded = threaded;
    this.drafts = new Map();
    this.offers = [];
    this.active = 0;
    this.#build();
  }

  #build() {
    const listId = this.threaded ? 'thread-offers' : 'channel-offers';
    this.field = el('textarea', {
      rows: 1, role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': listId, spellcheck: 'true',
      on: { input: () => this.#changed(), keydown: (event) => this.#key(event), blur: () => setTimeout(() => this.#offer([]), 150) },
    });
    this.list = el('ul', { class: 'offers', id: listId, role: 'listbox', 'aria-label': 'Suggestions', hidden: true });
    this.sendButton = el('button', { type: 'button', class: 'send', 'aria-label': 'Send message', title: 'Send', disabled: true, on: { click: () => this.send() } }, icon('send'));
    this.broadcast = this.threaded && el('input', { type: 'checkbox' });
    this.broadcastLabel = el('span', {});
    this.node = el('div', { class: 'composer' }, this.list,
      el('div', { class: 'composer-box' }, this.field, el('div', { class: 'composer-foot' },
        this.threaded ? el('label', { class: 'also' }, this.broadcast, this.broadcastLabel) : el('small', { class: 'keys' }, el('b', {}, '@'), ' mention  ', el('b', {}, '/'), ' command  ', el('b', {}, 'Shift+Enter'), ' new line'),
        this.sendButton)));
  }

  /** The place changed: keep what was written there before. */
  show(placeholder, channelName) {
    const { channel, threadTs } = this.target();
    const key = `${this.app.store.me?.id}/${channel}/${threadTs ?? ''}`;
    this.field.placeholder = placeholder;
    this.field.setAttribute('aria-label', placeholder);
    this.broadcastLabel.textContent = channelName ? `Also send to ${channelName}` : '';
    if (key === this.key) return;
    if (this.key) this.drafts.set(this.key, this.field.value);
    this.key = key;
    this.field.value = this.drafts.get(key) ?? '';
    if (this.broadcast) this.broadcast.checked = false;
    this.#offer([]);
    this.#fit();
  }

  focus() {
    this.field.focus();
  }

  #fit() {
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, 180)}px`;
    this.sendButton.disabled = !this.field.value.trim();
  }

  #changed() {
    this.#fit();
    this.#offer(this.#suggestions());
  }

  /** Offers for what stands before the caret. */
  #suggestions() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    const command = /^\/(\S*)$/.exec(before);
    if (command && !this.threaded) return this.#commands(command[1].toLowerCase());
    const mention = /(?:^|[\s(])@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u.exec(before);
    return mention ? this.#people(mention[1]) : [];
  }

  #commands(typed) {
    const { store } = this.app;
    if (store.me.external) return []; // slash commands are for the workspace that installed the app
    return [...this.#shortcuts(typed), ...this.#slash(typed)];
  }

  /** Global shortcuts stand among the commands, as in Slack; choosing one runs it. */
  #shortcuts(typed) {
    const { store } = this.app;
    return store.shortcuts.filter((shortcut) => shortcut.type === 'global' && shortcut.name.toLowerCase().startsWith(typed)).map((shortcut) => ({
      run: () => this.app.request({ do: 'shortcut', callback_id: shortcut.callback_id }),
      node: [el('b', {}, shortcut.name), el('small', {}, `Shortcut · ${store.app.name}`)],
    }));
  }

  #slash(typed) {
    return this.app.store.commands.filter(({ command }) => command.slice(1).toLowerCase().startsWith(typed)).map((item) => ({
      from: 0, text: `${item.command} `,
      node: [el('b', {}, item.command), item.usage_hint && el('code', {}, item.usage_hint), el('small', {}, item.description ?? '')],
    }));
  }

  #people(typed) {
    const { store } = this.app;
    const members = new Set(store.channels.get(this.target().channel)?.members ?? []);
    const wanted = typed.toLowerCase();
    const from = this.field.selectionStart - typed.length - 1;
    return [...store.people.values()]
      .filter((person) => members.has(person.id) && person.id !== store.me.id)
      .filter((person) => nameOf(person).toLowerCase().split(' ').some((_, at, parts) => parts.slice(at).join(' ').startsWith(wanted)))
      .slice(0, 8)
      .map((person) => ({
        from, text: `@${nameOf(person)} `,
        node: [avatar(person, store, 24), el('b', {}, nameOf(person)), el('small', {}, [person.title, store.team(person.team_id)?.name].filter(Boolean).join(' · '))],
      }));
  }

  #offer(offers) {
    this.offers = offers;
    this.active = 0;
    this.list.hidden = offers.length === 0;
    this.field.setAttribute('aria-expanded', String(offers.length > 0));
    fill(this.list, offers.map((offer, index) => el('li', {
      id: `${this.list.id}-${index}`, role: 'option', on: { pointerdown: (event) => { event.preventDefault(); this.#take(index); } },
    }, offer.node)));
    this.#mark();
  }

  #mark() {
    for (const [index, item] of [...this.list.children].entries()) item.setAttribute('aria-selected', String(index === this.active));
    if (this.offers.length) this.field.setAttribute('aria-activedescendant', `${this.list.id}-${this.active}`);
    else this.field.removeAttribute('aria-activedescendant');
  }

  #take(index) {
    const { from, text, run } = this.offers[index];
    if (run) {
      this.#clear();
      run();
      return;
    }
    const after = this.field.value.slice(this.field.selectionStart);
    this.field.value = this.field.value.slice(0, from) + text + after;
    this.field.setSelectionRange(from + text.length, from + text.length);
    this.#offer([]);
    this.#fit();
    this.field.focus();
  }

  #key(event) {
    if (event.isComposing) return;
    if (this.offers.length && this.#offerKey(event)) {
      event.preventDefault();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  }

  /** Keys while the list is open. A complete command is sent at once by Enter. */
  #offerKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.active = (this.active + step + this.offers.length) % this.offers.length;
      this.#mark();
      return true;
    }
    if (event.key === 'Escape') {
      this.#offer([]);
      return true;
    }
    if (event.key === 'Enter' && event.shiftKey) return false;
    if (event.key === 'Enter' && this.offers[this.active].text?.trim() === this.field.value.trim()) return false;
    if (event.key !== 'Enter' && event.key !== 'Tab') return false;
    this.#take(this.active);
    return true;
  }

  async send() {
    const written = this.field.value;
    const text = written.trim();
    if (!text) return;
    const key = this.key;
    this.#clear();
    this.onSend();
    const answer = await this.#request(text);
    if (!answer.error) return;
    this.drafts.set(key, written);
    if (key !== this.key || this.field.value) return;
    this.field.value = written;
    this.#fit();
  }

  #clear() {
    this.field.value = '';
    this.drafts.delete(this.key);
    this.#offer([]);
    this.#fit();
  }

  #request(text) {
    const { channel, threadTs } = this.target();
    if (/^\/[a-z]/i.test(text)) return this.#command(channel, text);
    const message = { do: 'post', channel, text: withEmoji(this.app.withMentions(text)) };
    if (threadTs) Object.assign(message, { thread_ts: threadTs, broadcast: this.broadcast.checked || undefined });
    if (this.broadcast) this.broadcast.checked = false;
    return this.app.request(message);
  }

  #command(channel, text) {
    if (!this.threaded) return this.app.request({ do: 'command', channel, text: this.app.withMentions(text) });
    this.app.toast(`${text.split(/\s/)[0]} is not supported in threads. Sorry!`, 'error');
    return Promise.resolve({ error: 'not_in_threads' });
  }
}
