// The app's own place: its Home tab, its messages and what it is.

import { drawBlocks } from './blocks.js';
import { el, fill } from './dom.js';
import { rememberFocus } from './focus.js';
import { Form } from './form.js';
import { avatar } from './people.js';

const TABS = [['home', 'Home'], ['messages', 'Messages'], ['about', 'About']];

export class AppPane {
  constructor(app, channelPane) {
    this.app = app;
    this.channelPane = channelPane;
    this.form = new Form();
    this.head = el('header', { class: 'pane-head app-head' });
    this.body = el('div', { class: 'app-body', role: 'tabpanel', tabindex: 0 });
    this.node = el('section', { class: 'app-pane', 'aria-label': 'App' }, this.head, this.body);
  }

  draw() {
    const { store } = this.app;
    const { tab } = store.place;
    const bot = store.people.get(store.app.bot_user_id) ?? { id: store.app.bot_user_id, name: store.app.name, real_name: store.app.name, is_bot: true };
    const restore = rememberFocus(this.head);
    fill(this.head, this.app.menuButton(), el('h1', {}, avatar(bot, store, 28), el('span', {}, store.app.name)), el('span', { class: 'badge' }, 'APP'),
      el('div', { class: 'tabs', role: 'tablist' }, TABS.map(([name, title]) => el('button', {
        type: 'button', role: 'tab', 'aria-selected': String(name === tab), on: { click: () => this.app.openApp(name) },
      }, title))));
    restore();
    this.body.setAttribute('aria-label', TABS.find(([name]) => name === tab)[1]);
    this.body.classList.toggle('with-messages', tab === 'messages');
    this[`draw_${tab}`]();
  }

  draw_home() {
    const { store } = this.app;
    const view = store.home;
    if (!view) {
      fill(this.body, el('div', { class: 'empty' }, el('h2', {}, 'Nothing here yet'), el('p', {}, this.#why())));
      return;
    }
    if (this.viewId !== `${store.me.id}/${view.id}`) {
      this.viewId = `${store.me.id}/${view.id}`;
      this.form = new Form(view.state?.values);
    }
    this.form.beginDrawing();
    const container = { type: 'view', view_id: view.id };
    const restore = rememberFocus(this.body);
    const { scrollTop } = this.body;
    fill(this.body, el('div', { class: 'home blocks' }, drawBlocks(view.blocks, {
      env: this.app.env, form: this.form,
      dispatch: (action) => this.app.request({ do: 'action', container, action, state: { values: this.form.values() } }),
    })));
    this.body.scrollTop = scrollTop;
    restore();
  }

  #why() {
    const { store } = this.app;
    const home = [...store.teams.values()].find((team) => team.home);
    if (store.me.external) return `${store.app.name} is installed at ${home?.name ?? 'the other company'}. People from outside have no Home there: for you, everything happens in the shared channel.`;
    return `${store.app.name} has not drawn your Home yet. It does so when the bot is running.`;
  }

  draw_messages() {
    if (this.app.channelId()) {
      fill(this.body, this.channelPane.node);
      this.channelPane.draw({ bare: true });
      return;
    }
    fill(this.body, el('div', { class: 'empty' }, el('h2', {}, 'No messages yet'), el('p', {}, 'What the app tells you alone arrives here.')));
  }

  draw_about() {
    const { store } = this.app;
    fill(this.body, el('div', { class: 'home about' }, el('h2', {}, store.app.name),
      el('p', {}, 'The bot on trial in this sandbox. It talks to this page exactly as it would talk to Slack.'),
      !store.me.external && el('h3', {}, 'Commands'),
      el('dl', {}, (store.me.external ? [] : store.commands).map((item) => [
        el('dt', {}, el('code', {}, `${item.command} ${item.usage_hint ?? ''}`.trim())), el('dd', {}, item.description ?? ''),
      ]))));
  }
}
