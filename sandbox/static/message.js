// One message: author, time, text or blocks, files, reactions, thread bar, hover actions.

import { drawBlocks } from './blocks.js';
import { el, icon, link, plural } from './dom.js';
import { emojiNode } from './emoji.js';
import { Form } from './form.js';
import { confirmDialog, openMenu } from './layers.js';
import { mrkdwn } from './mrkdwn.js';
import { avatar, badges, nameOf } from './people.js';
import { pickEmoji } from './picker.js';
import { dateTokens, stampDate, timeOf } from './time.js';

/** Draw a message. `place`: {channel, inThread, compact}; `app` is the page. */
export function drawMessage(message, place, app) {
  const { store } = app;
  const author = store.author(message);
  const time = timeOf(stampDate(message.ts), store.zone);
  const classes = ['message', place.compact && 'compact', message.is_ephemeral && 'ephemeral', place.mentioned && 'mentions-me'];
  return el('article', {
    class: classes.filter(Boolean).join(' '), 'data-ts': message.ts,
    'aria-label': `${nameOf(author)}, ${time}`,
  },
  message.is_ephemeral && el('div', { class: 'only-you' }, icon('eye'), 'Only visible to you'),
  message.subtype === 'thread_broadcast' && !place.inThread && broadcastNote(message, place, app),
  el('div', { class: 'message-row' },
    el('div', { class: 'gutter' }, place.compact ? stamp(message, store, 'hover-time') : avatar(author, store)),
    el('div', { class: 'message-main' },
      !place.compact && head(message, author, store),
      body(message, place, app, author),
      files(message), reactions(message, place, app), !place.inThread && threadBar(message, place, app))),
  toolbar(message, place, app));
}

function head(message, author, store) {
  return el('div', { class: 'message-head' },
    el('span', { class: 'author' }, nameOf(author)), badges(author, store), stamp(message, store, 'time'));
}

function stamp(message, store, kind) {
  const seconds = Number.parseFloat(message.ts);
  const full = dateTokens('{date_long} at {time_secs}', seconds, store.zone, store.now());
  return el('time', { class: kind, title: full, datetime: stampDate(message.ts).toISOString() }, timeOf(stampDate(message.ts), store.zone));
}

function broadcastNote(message, place, app) {
  const open = () => app.openThread(place.channel, message.thread_ts);
  return el('div', { class: 'broadcast-note' }, 'replied to a thread: ',
    el('button', { type: 'button', class: 'link', on: { click: open } }, 'open it'));
}

/** Blocks where the app sent blocks; what people typed is drawn from its text. */
function body(message, place, app, author) {
  const edited = message.edited && el('span', { class: 'edited' }, ' (edited)');
  const blocks = message.blocks ?? [];
  const typed = !author.is_bot && blocks.every((block) => block.type === 'rich_text');
  if (blocks.length === 0 || (typed && message.text)) {
    return el('div', { class: 'text' }, mrkdwn(message.text, app.env), edited);
  }
  return el('div', { class: 'blocks' }, drawBlocks(blocks, messageContext(message, place, app)), edited);
}

function messageContext(message, place, app) {
  const key = `${app.store.me.id}/${place.channel}/${message.ts}`;
  const forms = app.store.formsByMessage;
  if (!forms.has(key)) forms.set(key, new Form());
  const form = forms.get(key);
  form.beginDrawing();
  const container = { type: 'message', channel: place.channel, ts: message.ts };
  return {
    env: app.env, form,
    dispatch: (action) => app.request({ do: 'action', container, action, state: { values: form.values() } }),
  };
}

function files(message) {
  if (!message.files?.length) return null;
  return el('div', { class: 'files' }, message.files.map((file) => {
    const name = file.title || file.name || 'File';
    const kind = [file.pretty_type ?? file.filetype?.toUpperCase() ?? file.mimetype, sizeOf(file.size)].filter(Boolean).join(' · ');
    const card = el('span', { class: 'file-card' }, icon('file'), el('span', {}, el('b', {}, name), el('small', {}, kind)));
    return link(`/page/files/${encodeURIComponent(file.id)}`, card);
  }));
}

function sizeOf(bytes) {
  if (!bytes) return '';
  return bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function reactions(message, place, app) {
  if (!message.reactions?.length) return null;
  const { store } = app;
  return el('div', { class: 'reactions' }, message.reactions.map((reaction) => {
    const mine = reaction.users?.includes(store.me.id);
    const names = (reaction.users ?? []).map((id) => (id === store.me.id ? 'you' : nameOf(store.people.get(id) ?? { id }))).join(', ');
    return el('button', {
      type: 'button', class: mine ? 'reaction mine' : 'reaction', 'aria-pressed': String(Boolean(mine)),
      title: `${names} reacted with :${reaction.name}:`, 'aria-label': `${reaction.name}, ${plural(reaction.count ?? 0, 'reaction')}, by ${names}`,
      on: { click: () => react(message, place, app, reaction.name) },
    }, emojiNode(reaction.name), el('span', {}, String(reaction.count ?? reaction.users?.length ?? 0)));
  }));
}

const react = (message, place, app, name) => app.request({ do: 'react', channel: place.channel, ts: message.ts, name });

function threadBar(message, place, app) {
  const count = message.reply_count ?? 0;
  if (!count) return null;
  const { store, reads } = app;
  const unseen = reads.repliesUnseen(place.channel, message.ts);
  const last = message.latest_reply && dateTokens('{date_short_pretty} at {time}', Number.parseFloat(message.latest_reply), store.zone, store.now());
  const people = (message.reply_users ?? []).slice(0, 4).map((id) => store.people.get(id) ?? store.author({ user: id }));
  return el('button', {
    type: 'button', class: unseen ? 'thread-bar unseen' : 'thread-bar', on: { click: () => app.openThread(place.channel, message.ts) },
  }, people.map((person) => avatar(person, store, 22)), el('b', {}, plural(count, 'reply', 'replies')),
  unseen > 0 && el('span', { class: 'new-mark' }, `${unseen} new`), last && el('small', {}, `Last reply ${last}`));
}

/** Reply, react, and the rest; shown on hover, on focus, and on touch. */
function toolbar(message, place, app) {
  if (message.is_ephemeral) {
    return el('div', { class: 'toolbar' }, tool('close', 'Dismiss this message', () => app.store.dismiss(message.ts)));
  }
  const mine = message.user === app.store.me.id && !message.bot_id;
  const shortcuts = app.store.shortcuts.filter((shortcut) => ['message', 'message_action'].includes(shortcut.type));
  return el('div', { class: 'toolbar', role: 'toolbar', 'aria-label': 'Message actions' },
    tool('smile', 'Add reaction', (event) => pickEmoji(event.currentTarget, (name) => react(message, place, app, name))),
    !place.inThread && tool('reply', 'Reply in thread', () => app.openThread(place.channel, message.thread_ts ?? message.ts, true)),
    mine && tool('pencil', 'Edit message', (event) => startEdit(event.currentTarget.closest('.message'), message, place, app)),
    mine && tool('trash', 'Delete message', () => remove(message, place, app)),
    shortcuts.length > 0 && tool('more', 'More actions', (event) => openMenu(event.currentTarget, 'More actions', shortcuts.map((shortcut) => ({
      label: shortcut.name, note: app.store.app.name,
      run: () => app.request({ do: 'shortcut', callback_id: shortcut.callback_id, channel: place.channel, ts: message.ts }),
    })))));
}

const tool = (name, label, click) =>
  el('button', { type: 'button', title: label, 'aria-label': label, on: { click } }, icon(name));

async function remove(message, place, app) {
  const sure = await confirmDialog({
    title: 'Delete message', text: 'Are you sure you want to delete this message? This cannot be undone.', confirm: 'Delete', danger: true,
  });
  if (sure) app.request({ do: 'delete', channel: place.channel, ts: message.ts });
}

/** Edit in place: Enter saves, Escape leaves it as it was. */
function startEdit(node, message, place, app) {
  const main = node.querySelector('.message-main');
  const former = [...main.childNodes];
  const field = el('textarea', { class: 'field', rows: 2, 'aria-label': 'Edit message', value: app.store.asTyped(message.text), on: { keydown: onKey } });
  const stop = () => main.replaceChildren(...former);
  const save = async () => {
    const text = app.withMentions(field.value.trim());
    if (text && !(await app.request({ do: 'edit', channel: place.channel, ts: message.ts, text })).error) stop();
  };

  function onKey(event) {
    if (event.key === 'Escape') {
      event.preventDefault();
      stop();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      save();
    }
  }

  main.replaceChildren(el('div', { class: 'editing' }, field, el('div', { class: 'row' },
    el('button', { type: 'button', class: 'button small', on: { click: stop } }, 'Cancel'),
    el('button', { type: 'button', class: 'button small primary', on: { click: save } }, 'Save'))));
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

