// "Act as": the person this page speaks for, and the menu to become somebody else.

import { el, fill, icon } from './dom.js';
import { arrowKeys, openPopup } from './layers.js';
import { avatar, localTime, nameOf, sideOf } from './people.js';

export class ActAs {
  constructor(app) {
    this.app = app;
    this.node = el('button', { type: 'button', class: 'act-as', 'aria-haspopup': 'dialog', on: { click: () => this.#open() } });
    setInterval(() => this.draw(), 20_000);
  }

  draw() {
    const { store } = this.app;
    if (!store.me) return;
    const { me } = store;
    const company = store.team(me.team_id)?.name ?? '';
    this.node.setAttribute('aria-label', `You act as ${nameOf(me)} of ${company}. Change person`);
    fill(this.node, el('span', { class: 'act-label' }, 'Act as'), avatar(me, { ...store, isForeign: () => false }, 34),
      el('span', { class: 'act-words' }, el('span', {}, el('b', {}, nameOf(me)), el('span', { class: 'badge' }, sideOf(me, store))), el('small', {}, describe(me, company, store))), icon('down'));
  }

  async #open() {
    const { store } = this.app;
    const people = await this.app.everybody();
    const panel = el('div', { class: 'people-menu', role: 'dialog', 'aria-label': 'Act as somebody else' },
      el('p', {}, 'See the workspace through somebody else’s eyes. Each browser tab can be another person.'));
    const close = openPopup(this.node, panel);
    const teams = new Map(people.map((person) => [person.team_id, person.team_name]));
    for (const [teamId, name] of teams) {
      const members = people.filter((person) => person.team_id === teamId);
      panel.append(el('h3', {}, name, el('small', {}, sideOf({ ...members[0], guest: false }, store) === 'In-house' ? 'the client' : 'the provider')),
        ...members.map((person) => this.#row(person, store, close)));
    }
    arrowKeys(panel, 'button');
    (panel.querySelector('[aria-current]') ?? panel.querySelector('button'))?.focus();
  }

  #row(listed, store, close) {
    const person = { ...listed, ...store.people.get(listed.id) };
    const now = store.me.id === person.id;
    const facts = [person.title, person.guest ? 'Guest' : null, person.tz && localTime(person, store.now())].filter(Boolean).join(' · ');
    return el('button', {
      type: 'button', class: 'person', 'aria-current': now ? 'true' : undefined, 'data-person': person.id,
      on: { click: () => { close(); this.app.become(person.id); } },
    }, avatar(person, { isForeign: () => false }, 34), el('span', {}, el('b', {}, nameOf(person)), el('small', {}, facts)), now && el('span', { class: 'badge' }, 'you'));
  }
}

function describe(me, company, store) {
  return [company, me.title, localTime(me, store.now())].filter(Boolean).join(' · ');
}
