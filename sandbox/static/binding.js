// What all elements share: their words, their value in the form, and the action they send.

import { withEmoji, withSymbols } from './emoji.js';
import { confirmDialog } from './layers.js';
import { mrkdwn } from './mrkdwn.js';

/** Plain text or mrkdwn of a text object, as nodes. */
export function textNodes(text, env) {
  if (!text) return [];
  if (typeof text === 'string') return withSymbols(withEmoji(text));
  if (text.type === 'mrkdwn') return mrkdwn(text.text, env, { verbatim: text.verbatim });
  return withSymbols(text.emoji === false ? text.text : withEmoji(text.text));
}

/** Words of a text object for labels that cannot hold nodes. */
export const words = (text) => withEmoji(typeof text === 'string' ? text : text?.text ?? '');

/** Register the element's value and return it with a function that changes it (and tells the app where it must). */
export function bind(element, block, ctx, initial, check) {
  const input = block.type === 'input';
  const known = { required: input && !block.optional, check };
  const value = ctx.form.add(block.block_id, element.action_id, element.type, initial, known);
  const store = (next) => ctx.form.set(block.block_id, element.action_id, element.type, next);
  const change = (next, node) => {
    store(next);
    ctx.onEdit?.(block.block_id);
    if (!input || block.dispatch_action) act(element, block, ctx, next, node);
  };
  return { value, store, change };
}

/** Send a block action, after the confirmation the element asks for. */
export async function act(element, block, ctx, value, node) {
  if (element.confirm && !(await ask(element.confirm, ctx.env))) return;
  node?.classList.add('busy');
  try {
    await ctx.dispatch({ type: element.type, action_id: element.action_id, block_id: block.block_id, ...value });
  } finally {
    node?.classList.remove('busy');
  }
}

function ask(confirm, env) {
  return confirmDialog({
    title: words(confirm.title), text: textNodes(confirm.text, env), confirm: words(confirm.confirm) || 'Yes',
    deny: words(confirm.deny) || 'Cancel', danger: confirm.style === 'danger',
  });
}
