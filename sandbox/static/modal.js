// Modals: the stack of views the app opened for this person; the topmost is shown.

import { drawBlocks } from './blocks.js';
import { textNodes, words } from './binding.js';
import { el, fill, icon } from './dom.js';
import { rememberFocus } from './focus.js';
import { Form } from './form.js';
import { focusable, pushLayer, trapFocus } from './layers.js';

export class ModalStack {
  constructor(app) {
    this.app = app;
    this.forms = new Map();
    this.own = new Map(); // view id → problems found on this page before sending
    this.node = el('div', { class: 'shade', hidden: true });
    this.dialog = el('form', { class: 'dialog modal', role: 'dialog', 'aria-modal': 'true', novalidate: true, on: { submit: (event) => this.#submit(event) } });
    this.node.append(this.dialog);
    trapFocus(this.dialog);
    this.shown = null;
    this.sending = false;
  }

  draw() {
    const { store } = this.app;
    const view = store.views.at(-1);
    for (const id of this.forms.keys()) if (!store.views.some((other) => other.id === id)) this.forms.delete(id);
    if (!view) {
      this.#hide();
      return;
    }
    this.#show();
    this.#drawView(view);
  }

  #show() {
    if (!this.node.hidden) return;
    this.back = document.activeElement;
    this.node.hidden = false;
    this.removeLayer = pushLayer(() => this.#close(false));
    document.getElementById('page').inert = true;
  }

  #hide() {
    if (this.node.hidden) return;
    this.node.hidden = true;
    this.removeLayer();
    this.shown = null;
    this.sending = false;
    document.getElementById('page').inert = false;
    this.dialog.replaceChildren();
    if (this.back?.isConnected) this.back.focus();
  }

  #form(view) {
    if (!this.forms.has(view.id)) this.forms.set(view.id, new Form(view.state?.values));
    return this.forms.get(view.id);
  }

  #drawView(view) {
    const errors = { ...this.app.store.viewErrors[view.id], ...this.own.get(view.id) };
    const signature = JSON.stringify([view, errors, this.sending, this.app.store.views.length]);
    if (signature === this.signature && this.shown === view.id) return;
    this.signature = signature;
    const form = this.#form(view);
    form.beginDrawing();
    const restore = rememberFocus(this.dialog);
    const scrolled = this.dialog.querySelector('.dialog-body')?.scrollTop ?? 0;
    const fields = el('fieldset', { disabled: this.sending }, drawBlocks(view.blocks, this.#context(view, form, errors)));
    const body = el('div', { class: 'dialog-body blocks' }, fields);
    fill(this.dialog, this.#head(view), body, this.#foot(view));
    const isNew = this.shown !== view.id;
    this.shown = view.id;
    body.scrollTop = isNew ? 0 : scrolled;
    if (isNew) this.#focusFirst(body);
    else restore();
  }

  #context(view, form, errors) {
    const container = { type: 'view', view_id: view.id };
    return {
      env: this.app.env, form, errors,
      dispatch: (action) => this.app.request({ do: 'action', container, action, state: { values: form.values() } }),
      onEdit: (blockId) => this.#clearError(view.id, blockId),
    };
  }

  /** A changed field loses its error at once, without a redraw under the person's hands. */
  #clearError(viewId, blockId) {
    const known = this.app.store.viewErrors[viewId];
    if (known) delete known[blockId];
    const own = this.own.get(viewId);
    if (own) delete own[blockId];
    const block = this.dialog.querySelector(`[data-block-id="${CSS.escape(blockId)}"] .input.invalid`);
    if (!block) return;
    block.classList.remove('invalid');
    block.querySelector('[aria-invalid]')?.removeAttribute('aria-invalid');
    block.querySelector('.field-error').textContent = '';
  }

  #head(view) {
    const deep = this.app.store.views.length > 1;
    const title = words(view.title) || this.app.store.app.name;
    this.dialog.setAttribute('aria-label', title);
    return el('header', { class: 'dialog-head' },
      deep && el('button', { type: 'button', class: 'plain', 'aria-label': 'Back', on: { click: () => this.#close(false) } }, icon('back')),
      el('h2', {}, textNodes(view.title, this.app.env)),
      el('button', { type: 'button', class: 'plain', 'aria-label': 'Close', title: 'Close (Esc)', on: { click: () => this.#close(deep) } }, icon('close')));
  }

  #foot(view) {
    const submit = view.submit && el('button', { type: 'submit', class: this.sending ? 'button primary busy' : 'button primary', disabled: this.sending },
      textNodes(view.submit, this.app.env));
    return el('footer', { class: 'dialog-foot' }, el('small', {}, `${this.app.store.app.name} · app`), el('span', { class: 'spring' }),
      el('button', { type: 'button', class: 'button', on: { click: () => this.#close(false) } }, view.close ? textNodes(view.close, this.app.env) : 'Close'), submit);
  }

  #focusFirst(body) {
    const wanted = body.querySelector('[data-autofocus]') ?? focusable(body)[0] ?? this.dialog.querySelector('.dialog-foot button');
    wanted?.focus();
  }

  async #submit(event) {
    event.preventDefault();
    const view = this.app.store.views.at(-1);
    if (!view?.submit || this.sending) return;
    const form = this.#form(view);
    const problems = form.problems();
    this.own.set(view.id, problems);
    delete this.app.store.viewErrors[view.id];
    if (Object.keys(problems).length === 0) await this.#send(view, form);
    else this.draw();
    this.#focusError();
  }

  async #send(view, form) {
    this.sending = true;
    this.draw();
    await this.app.request({ do: 'submit', view_id: view.id, state: { values: form.values() } });
    this.sending = false;
    this.draw();
  }

  #focusError() {
    const block = this.dialog.querySelector('.input.invalid');
    if (!block) return;
    block.scrollIntoView({ block: 'center' });
    focusable(block)[0]?.focus();
  }

  #close(all) {
    const view = this.app.store.views.at(-1);
    if (!view || this.sending) return;
    this.app.request({ do: 'close', view_id: view.id, clear: all || undefined });
  }
}
