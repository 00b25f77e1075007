// The clock: what time it is in the sandbox and for the acting person; stop, speed, and the next event.

import { el, fill, icon } from './dom.js';
import { knownZone, localDay, timeOf, timeWithSeconds, until, weekdayDate, zoneCity } from './time.js';

const SPEEDS = [1, 60, 600];

export class ClockBar {
  constructor(app) {
    this.app = app;
    this.face = el('div', { class: 'clock-face', role: 'timer', 'aria-label': 'Sandbox time' });
    this.toggle = el('button', { type: 'button', class: 'bar-button', on: { click: () => this.#toggle() } });
    this.speed = el('select', { class: 'bar-select', 'aria-label': 'Speed of the sandbox clock', title: 'How fast the sandbox clock runs', on: { change: () => this.#speed() } },
      SPEEDS.map((speed) => el('option', { value: speed }, `${speed}×`)));
    this.nextWhen = el('span', { class: 'next-when' });
    this.nextWhat = el('span', { class: 'next-what' });
    this.next = el('button', { type: 'button', class: 'next-event', on: { click: () => this.#next() } }, icon('next'),
      el('span', { class: 'next-words' }, el('span', {}, el('b', {}, el('span', { class: 'wide' }, 'Go to the next event'), el('span', { class: 'narrow' }, 'Next event')), this.nextWhen), this.nextWhat));
    this.node = el('div', { class: 'clock', role: 'group', 'aria-label': 'Sandbox clock' }, this.face, this.toggle, this.speed, this.next);
    setInterval(() => this.tick(), 500);
  }

  draw() {
    const { clock } = this.app.store;
    this.node.hidden = !clock;
    if (!clock) return;
    fill(this.toggle, icon(clock.paused ? 'play' : 'pause'));
    const label = clock.paused ? 'Let the clock run' : 'Stop the clock';
    this.toggle.setAttribute('aria-label', label);
    this.toggle.title = label;
    if (![...this.speed.options].some((option) => Number(option.value) === clock.speed)) {
      this.speed.append(el('option', { value: clock.speed }, `${clock.speed}×`));
    }
    this.speed.value = String(clock.speed);
    this.tick();
  }

  tick() {
    const { store } = this.app;
    if (!store.clock || !store.me) return;
    const now = store.now();
    const seconds = store.clock.paused || store.clock.speed > 1 ? timeOf(now, store.zone) : timeWithSeconds(now, store.zone);
    const running = store.clock.paused ? 'stopped' : `running ${store.clock.speed}×`;
    fill(this.face, el('b', {}, weekdayDate(now, store.zone), ' ', el('span', { class: 'digits' }, seconds)),
      el('small', {}, `in ${zoneCity(store.zone)} · ${timeOf(now, knownZone('UTC'))} UTC · ${running}`));
    this.#drawNext(now);
  }

  #drawNext(now) {
    const { next } = this.app.store.clock;
    const { zone } = this.app.store;
    this.next.disabled = !next || this.busy;
    if (!next) {
      this.nextWhen.textContent = '';
      this.nextWhat.textContent = 'Nothing is planned';
      return;
    }
    const at = new Date(next.at);
    const day = localDay(at, zone) === localDay(now, zone) ? '' : `${weekdayDate(at, zone)} `;
    const words = `${day}${timeOf(at, zone)} ${next.what}`;
    this.nextWhen.textContent = ` ${until(at, now)}`;
    this.nextWhat.textContent = words;
    this.next.title = words;
  }

  #toggle() {
    this.app.request({ do: 'clock', op: this.app.store.clock.paused ? 'resume' : 'pause' });
  }

  #speed() {
    this.app.request({ do: 'clock', op: 'speed', speed: Number(this.speed.value) });
  }

  async #next() {
    this.busy = true;
    this.next.classList.add('busy');
    this.app.hint.done('next');
    await this.app.request({ do: 'clock', op: 'next' });
    this.busy = false;
    this.next.classList.remove('busy');
    this.tick();
  }
}
