// Puts the page together: one store, one connection, the parts, and what they may ask for.

import { ActAs } from './actas.js';
import { ChannelPane } from './channel.js';
import { ClockBar } from './clock.js';
import { el, fill, icon } from './dom.js';
import { Hint } from './hint.js';
import { AppPane } from './home.js';
import { ModalStack } from './modal.js';
import { nameOf } from './people.js';
import { Sidebar } from './sidebar.js';
import { Connection } from './socket.js';
import { Store } from './state.js';
import { ThreadPane } from './thread.js';
import { localDay } from './time.js';
import { Toasts } from './toast.js';
import { ReadMarks } from './unread.js';

const LOST = 'You are not connected to the sandbox. Trying again…';

class Page {
  constructor() {
    this.store = new Store();
    this.reads = new ReadMarks(this.store);
    this.connection = new Connection({ onPacket: (packet) => this.#receive(packet), onStatus: (status) => this.#status(status) });
    this.env = this.#environment();
    this.toasts = new Toasts();
    this.hint = new Hint(this);
    this.sidebar = new Sidebar(this);
    this.channelPane = new ChannelPane(this);
    this.appPane = new AppPane(this, this.channelPane);
    this.threadPane = new ThreadPane(this);
    this.modals = new ModalStack(this);
    this.clockBar = new ClockBar(this);
    this.actAs = new ActAs(this);
    this.#layOut();
    this.#listen();
  }

  /** What drawing needs to know of the world. */
  #environment() {
    const { store } = this;
    return {
      person: (id) => store.people.get(id), channel: (id) => store.channels.get(id), team: (id) => store.team(id),
      people: () => [...store.people.values()], channels: () => [...store.channels.values()], now: () => store.now(),
      open: (id) => this.open(id),
      get me() { return store.me?.id; },
      get zone() { return store.zone; },
    };
  }

  #layOut() {
    this.banner = el('div', { class: 'connection', role: 'status', hidden: true });
    this.main = el('main', { id: 'main' });
    const help = el('button', { type: 'button', class: 'bar-button help', 'aria-label': 'Show the first steps', title: 'First steps', on: { click: () => this.hint.show(true) } }, icon('help'));
    const cover = el('div', { class: 'sidebar-cover', on: { click: () => this.#foldSidebar() } });
    fill(document.getElementById('page'), el('header', { class: 'topbar' }, this.actAs.node, this.clockBar.node, help), this.banner,
      el('div', { class: 'columns' }, this.sidebar.node, cover, el('div', { class: 'middle' }, this.hint.node, this.main), this.threadPane.node));
    document.body.append(this.modals.node, document.getElementById('layers'), this.toasts.node);
  }

  #listen() {
    const { store } = this;
    store.on('all', () => this.#freshState());
    store.on('channels', () => this.#leaveWhatIsGone());
    store.on('messages channels', () => this.#drawConversation());
    store.on('messages channels read place', () => this.sidebar.draw());
    store.on('place', () => { this.#drawMain(); this.threadPane.draw(); });
    store.on('thread', () => { this.#drawConversation(); this.threadPane.draw(); });
    store.on('messages channels', () => this.threadPane.draw());
    store.on('home', () => { if (store.place.kind === 'app') this.appPane.draw(); });
    store.on('views', () => this.modals.draw());
    store.on('clock', () => { this.clockBar.draw(); this.actAs.draw(); this.hint.draw(); this.#newDay(); });
    document.addEventListener('visibilitychange', () => { if (store.me) this.#drawConversation(); });
  }

  async start() {
    const people = await this.everybody();
    const wanted = new URLSearchParams(window.location.search).get('as');
    const start = people.find((person) => person.id === wanted) ?? people.find((person) => !person.external && !person.guest) ?? people[0];
    if (start) this.connection.connect(start.id);
  }

  /** Everybody one can act as. */
  async everybody() {
    const answer = await fetch('/page/people');
    return (await answer.json()).people;
  }

  become(userId) {
    if (userId === this.store.me?.id) return;
    const url = new URL(window.location.href);
    url.searchParams.set('as', userId);
    window.history.replaceState(null, '', url);
    this.connection.connect(userId);
  }

  #receive(packet) {
    if (packet.type === 'toast') this.toast(packet.text, packet.level);
    else this.store.apply(packet);
  }

  #status(status) {
    this.banner.hidden = status !== 'lost';
    this.banner.textContent = status === 'lost' ? 'Reconnecting to the sandbox…' : '';
  }

  #freshState() {
    const { store } = this;
    this.reads.begin();
    if (this.hint.first && store.me.external !== this.hint.first.external) this.hint.done('other');
    document.title = `${nameOf(store.me)} · ${store.team(store.me.team_id)?.name ?? 'Sandbox'}`;
    if (store.place.kind === 'app' && store.me.external) store.place = this.#firstPlace();
    if (store.place.kind === 'app') this.connection.send({ do: 'open_home' });
    this.#leaveWhatIsGone();
    store.emit('place', 'views', 'clock');
  }

  /** Somebody else's channels, or a channel this person has just left. */
  #leaveWhatIsGone() {
    const { store } = this;
    const { kind, id } = store.place;
    if (kind === 'none' || (kind === 'channel' && !store.channels.has(id))) store.place = this.#firstPlace();
    if (store.thread && !store.channels.has(store.thread.channel)) store.thread = null;
  }

  /** The shared channel, where the two companies meet. */
  #firstPlace() {
    const rooms = [...this.store.channels.values()].filter((channel) => channel.kind !== 'im' && !channel.archived);
    const first = rooms.find((channel) => channel.shared) ?? rooms[0] ?? [...this.store.channels.values()][0];
    return first ? { kind: 'channel', id: first.id } : { kind: 'none' };
  }

  #drawMain() {
    const { kind } = this.store.place;
    if (kind === 'none') {
      fill(this.main, el('div', { class: 'empty' }, el('h2', {}, 'No conversations yet'), el('p', {}, 'Nobody has been invited to a channel.')));
      return;
    }
    const pane = kind === 'app' ? this.appPane : this.channelPane;
    if (pane.node.parentNode !== this.main) fill(this.main, pane.node);
    pane.draw();
  }

  #drawConversation() {
    const { place } = this.store;
    if (place.kind === 'channel' || (place.kind === 'app' && place.tab === 'messages')) this.#drawMain();
  }

  /** "Today" has become "Yesterday". */
  #newDay() {
    const day = localDay(this.store.now(), this.store.zone);
    if (this.day && this.day !== day) this.#drawConversation();
    this.day = day;
  }

  /** The conversation in the middle, if one is shown. */
  channelId() {
    const { store } = this;
    if (store.place.kind === 'channel') return store.place.id;
    return [...store.channels.values()].find((channel) => channel.kind === 'im' && channel.with === store.app.bot_user_id)?.id ?? null;
  }

  open(channelId) {
    const { store } = this;
    const channel = store.channels.get(channelId);
    if (channel?.with === store.app.bot_user_id) {
      this.openApp('messages');
      return;
    }
    store.place = { kind: 'channel', id: channelId };
    if (store.thread?.channel !== channelId) store.thread = null;
    this.#foldSidebar();
    store.emit('place');
    if (window.matchMedia('(hover: hover)').matches) this.channelPane.composer.focus();
  }

  openApp(tab) {
    this.store.place = { kind: 'app', tab };
    this.store.thread = null;
    this.#foldSidebar();
    this.store.emit('place');
    if (tab === 'home') this.connection.send({ do: 'open_home' });
    if (tab === 'messages' && !this.channelId()) this.request({ do: 'open_im' });
  }

  openThread(channel, ts, write = true) {
    this.store.thread = { channel, ts };
    this.store.emit('thread');
    if (write && window.matchMedia('(hover: hover)').matches) this.threadPane.composer.focus();
  }

  closeThread() {
    this.store.thread = null;
    this.store.emit('thread');
    this.channelPane.composer.focus();
  }

  /** The button that unfolds the sidebar on a narrow screen. */
  menuButton() {
    return el('button', {
      type: 'button', class: 'plain menu-button', 'aria-label': 'Channels and messages', 'aria-controls': 'sidebar',
      on: { click: () => document.body.classList.toggle('sidebar-open') },
    }, icon('menu'));
  }

  #foldSidebar() {
    document.body.classList.remove('sidebar-open');
  }

  /** "@Vera Lindt" → "<@U…>", the longest names first. */
  withMentions(text) {
    const people = [...this.store.people.values()].sort((a, b) => nameOf(b).length - nameOf(a).length);
    return people.reduce((result, person) => result.replaceAll(`@${nameOf(person)}`, `<@${person.id}>`), text);
  }

  /** Ask the server; what goes wrong is shown. Resolves to {} or {error}. */
  async request(message) {
    const answer = await this.connection.send(message);
    if (answer.error) this.toast(answer.error === 'connection_lost' ? LOST : answer.error, 'error');
    return answer;
  }

  toast(text, level) {
    this.toasts.show(text, level);
  }
}

new Page().start();
