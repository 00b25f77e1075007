// What administrators do to a channel: a menu that makes it happen, so that one can see what the app does then.

import { el } from './dom.js';
import { openMenu } from './layers.js';

const LABEL = 'Let something happen to this channel';

/** The button of the menu. `request` sends what was chosen to the sandbox. */
export function lifeButton(channel, store, request) {
  const button = el('button', {
    type: 'button', class: 'members life', 'aria-label': LABEL, title: LABEL,
    on: { click: () => openMenu(button, LABEL, items(channel, store, (what) => request({ do: 'life', channel: channel.id, ...what }))) },
  }, '⋯');
  return button;
}

function items(channel, store, request) {
  const members = channel.members ?? [];
  const people = members.map((id) => store.people.get(id)).filter((person) => person && !person.is_bot && person.id !== store.me.id);
  const hasApp = members.includes(store.app.bot_user_id);
  const deed = (label, what, more = {}) => ({ label, run: () => request({ what, ...more }), danger: more.danger });
  return [
    channel.archived ? deed('Unarchive it', 'unarchive') : deed('Archive it', 'archive'),
    deed('Rename it', 'rename', { name: `${channel.name}-2` }),
    !channel.shared && deed('Invite another company', 'invite_company'),
    channel.shared ? deed('Disconnect the other company', 'disconnect') : deed('Share it with another company', 'share'),
    deed('Change its id', 'renumber'),
    hasApp ? deed(`Remove ${store.app.name}`, 'remove_app') : deed(`Add ${store.app.name}`, 'add_app'),
    deed('Leave it', 'leave'),
    ...people.map((person) => deed(`Close the account of ${person.real_name}`, 'deactivate', { user: person.id, danger: true })),
  ].filter(Boolean);
}
