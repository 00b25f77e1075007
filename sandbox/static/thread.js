// The thread pane at the right.

import { Composer } from './composer.js';
import { el, fill, icon } from './dom.js';
import { pushLayer } from './layers.js';
import { MessageList } from './messages.js';

export class ThreadPane {
  constructor(app) {
    this.app = app;
    this.list = new MessageList(app, { inThread: true });
    this.composer = new Composer(app, {
      threaded: true, onSend: () => this.list.toEnd(), target: () => ({ channel: app.store.thread?.channel, threadTs: app.store.thread?.ts }),
    });
    this.where = el('small', {});
    const close = el('button', { type: 'button', class: 'plain', 'aria-label': 'Close thread', title: 'Close (Esc)', on: { click: () => app.closeThread() } }, icon('close'));
    this.node = el('aside', { class: 'thread', 'aria-label': 'Thread', hidden: true },
      el('header', { class: 'pane-head' }, el('h2', {}, 'Thread'), this.where, el('span', { class: 'spring' }), close),
      this.list.node, this.composer.node);
    this.removeLayer = null;
  }

  draw() {
    const { store, reads } = this.app;
    const { thread } = store;
    const messages = thread ? store.threadOf(thread.channel, thread.ts) : [];
    const open = messages.length > 0;
    this.node.hidden = !open;
    document.body.classList.toggle('thread-open', open);
    this.#layer(open);
    if (!open) return;
    const channel = store.channels.get(thread.channel);
    const name = channel?.kind === 'im' ? channel.name : `#${channel?.name}`;
    fill(this.where, name);
    this.list.draw({ channel: thread.channel, key: `${store.me.id}/${thread.channel}/${thread.ts}`, messages });
    this.composer.show('Reply…', channel?.kind === 'im' ? 'the conversation' : name);
    this.composer.node.hidden = Boolean(channel?.archived);
    if (document.visibilityState === 'visible' && reads.see(thread.channel, thread.ts)) store.emit('read');
  }

  #layer(open) {
    if (open && !this.removeLayer) this.removeLayer = pushLayer(() => this.app.closeThread());
    if (!open && this.removeLayer) {
      this.removeLayer();
      this.removeLayer = null;
    }
  }
}
