// The select menus: fixed options, people, channels, conversations; one or several.

import { bind, words } from './binding.js';
import { selectBox } from './select.js';

/** Slack's keys for what is selected and what is selected at first, by kind of menu. */
const KINDS = {
  static: { one: 'selected_option', many: 'selected_options', first: 'initial_option', firsts: 'initial_options' },
  users: { one: 'selected_user', many: 'selected_users', first: 'initial_user', firsts: 'initial_users' },
  channels: { one: 'selected_channel', many: 'selected_channels', first: 'initial_channel', firsts: 'initial_channels' },
  conversations: {
    one: 'selected_conversation', many: 'selected_conversations', first: 'initial_conversation', firsts: 'initial_conversations',
  },
};

/** Any *_select or multi_*_select. */
export function menuSelect(element, block, ctx, field) {
  const [, multi, kind] = /^(multi_)?(\w+?)_select$/.exec(element.type);
  const keys = KINDS[kind];
  const key = multi ? keys.many : keys.one;
  const initial = multi ? element[keys.firsts] ?? [] : element[keys.first] ?? null;
  const { value, change } = bind(element, block, ctx, { [key]: initial });
  const source = sources[kind](element, ctx.env);
  const isStatic = kind === 'static';
  const toId = (item) => (isStatic ? item.value : item);
  const fromId = (id) => (isStatic ? source.find((option) => option.value === id).original : id);
  const held = (multi ? value[key] : [value[key]]).filter(Boolean);
  const node = selectBox({
    options: source, selected: held.map(toId), multiple: Boolean(multi),
    clearable: block.type === 'input' && block.optional === true,
    placeholder: words(element.placeholder) || (multi ? 'Select options' : 'Select an option'),
    label: field.name || words(element.placeholder) || 'Choose', limit: element.max_selected_items,
    onChange: (ids) => change({ [key]: multi ? ids.map(fromId) : ids.length ? fromId(ids[0]) : null }, node),
  });
  const trigger = node.querySelector('.select-trigger');
  if (field.id) trigger.id = field.id;
  if (field['aria-describedby']) trigger.setAttribute('aria-describedby', field['aria-describedby']);
  trigger.dataset.action = element.action_id;
  return node;
}

const sources = {
  static: (element) => [
    ...(element.options ?? []).map((option) => entry(option)),
    ...(element.option_groups ?? []).flatMap((group) => group.options.map((option) => entry(option, words(group.label)))),
  ],
  users: (_element, env) => env.people().filter((person) => !person.is_bot).map((person) => ({
    value: person.id, label: person.real_name || person.name, description: env.team(person.team_id)?.name,
  })),
  channels: (_element, env) => env.channels().filter((channel) => channel.kind === 'channel').map(channelEntry),
  conversations: (element, env) => env.channels().filter((channel) => included(channel, element)).map(channelEntry),
};

const entry = (option, group) => ({
  value: option.value, label: words(option.text), description: words(option.description), group, original: option,
});

const channelEntry = (channel) => ({ value: channel.id, label: channel.kind === 'im' ? channel.name : `#${channel.name}` });

const FILTER_KINDS = { channel: 'public', private: 'private', im: 'im' };

function included(channel, element) {
  const filter = element.filter ?? {};
  if (filter.exclude_external_shared_channels && channel.shared) return false;
  return !filter.include || filter.include.includes(FILTER_KINDS[channel.kind]);
}
