// Three steps for somebody who opens the sandbox for the first time. Can be dismissed, and called back with "?".

import { el, fill, icon } from './dom.js';
import { firstName, nameOf } from './people.js';
import { timeOf } from './time.js';

const KEY = 'sandbox-hint';

export class Hint {
  constructor(app) {
    this.app = app;
    const saved = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    this.hidden = saved.hidden ?? false;
    this.finished = new Set(saved.finished ?? []);
    this.node = el('section', { class: 'hint-card', 'aria-label': 'First steps' });
  }

  #save() {
    localStorage.setItem(KEY, JSON.stringify({ hidden: this.hidden, finished: [...this.finished] }));
  }

  /** A step has been taken: 'next' or 'other'. */
  done(step) {
    if (this.finished.has(step)) return;
    this.finished.add(step);
    this.#save();
    this.draw();
  }

  show(visible) {
    this.hidden = !visible;
    if (visible) this.finished.clear();
    this.#save();
    this.draw();
  }

  draw() {
    const { store } = this.app;
    this.node.hidden = this.hidden || !store.me;
    if (this.node.hidden) return;
    const home = (person) => !person.external && !person.is_bot;
    const first = this.first ?? store.me;
    this.first = first;
    const other = [...store.people.values()].find((person) => !person.is_bot && home(person) !== home(first));
    fill(this.node, el('button', { type: 'button', class: 'plain', 'aria-label': 'Dismiss these steps', on: { click: () => this.show(false) } }, icon('close')),
      el('ol', {}, step('1', true, `You are ${firstName(first)} of ${this.#team(first)}`, 'This page is a Slack workspace on your own machine.'),
        step('2', this.finished.has('next'), 'Press “Go to the next event”', this.#nextWords()),
        other && step('3', this.finished.has('other'), `Switch to ${firstName(other)} and answer`,
          `“Act as”, at the top, makes you ${nameOf(other)} of ${this.#team(other)}.`)));
  }

  #team(person) {
    return this.app.store.team(person.team_id)?.name ?? 'the other company';
  }

  #nextWords() {
    const next = this.app.store.clock?.next;
    if (!next) return 'Time jumps, and the bot does what is due.';
    return `Time jumps to ${timeOf(new Date(next.at), this.app.store.zone)}: ${next.what}.`;
  }
}

const step = (number, done, title, text) => el('li', { class: done ? 'done' : '' },
  el('span', { class: 'step', 'aria-hidden': 'true' }, done ? '✓' : number),
  el('span', {}, el('b', {}, title), el('small', {}, text), done && el('span', { class: 'sr' }, ' (done)')));
