// Block Kit's layout blocks.

import { textNodes, words } from './binding.js';
import { el, icon, link, safeUrl, uniqueId } from './dom.js';
import { drawElement, unsupported } from './elements.js';
import { markdown } from './markdown.js';
import { richText, table } from './richtext.js';

/**
 * Nodes for a list of blocks.
 * `ctx`: env (people, zone ...), form, dispatch(action), errors {block_id: text}, onEdit(block_id).
 */
export function drawBlocks(blocks, ctx) {
  return (blocks ?? []).map((block, index) => {
    const named = withIds(block, index);
    return el('div', { class: `block block-${named.type}`, 'data-block-id': named.block_id }, drawBlock(named, ctx));
  });
}

/** Slack gives every block and element an id; do the same for what came without. */
function withIds(block, index) {
  const blockId = block.block_id ?? `block-${index}`;
  const named = { ...block, block_id: blockId };
  for (const key of ['element', 'accessory']) {
    if (block[key]) named[key] = { ...block[key], action_id: block[key].action_id ?? `${blockId}-0` };
  }
  if (block.type === 'actions') {
    named.elements = (block.elements ?? []).map((item, at) => ({ ...item, action_id: item.action_id ?? `${blockId}-${at}` }));
  }
  return named;
}

const DRAWINGS = {
  section,
  header: (block) => el('h3', {}, textNodes(block.text)),
  divider: () => el('hr'),
  context,
  image,
  actions: (block, ctx) => el('div', { class: 'actions' }, block.elements.map((element) => drawElement(element, block, ctx))),
  input,
  rich_text: (block, ctx) => el('div', { class: 'rich' }, richText(block, ctx.env)),
  markdown: (block) => el('div', { class: 'markdown' }, markdown(block.text)),
  table: (block, ctx) => table(block, ctx.env),
  alert: (block, ctx) => el('div', { class: `alert ${LEVELS.includes(block.level) ? block.level : 'info'}`, role: 'note' }, textNodes(block.text, ctx.env)),
  file: (block) => el('div', { class: 'file-card' }, icon('file'), block.external_id ?? 'File'),
};

const LEVELS = ['default', 'info', 'warning', 'error', 'success'];

function drawBlock(block, ctx) {
  const draw = Object.hasOwn(DRAWINGS, block.type) ? DRAWINGS[block.type] : null;
  return draw ? draw(block, ctx) : unsupported('block', block.type);
}

function section(block, ctx) {
  const { env } = ctx;
  const text = block.text && el('div', { class: 'section-text' }, textNodes(block.text, env));
  const fields = block.fields && el('div', { class: 'fields' }, block.fields.map((field) => el('div', {}, textNodes(field, env))));
  const label = block.accessory?.type === 'image' ? undefined : words(block.text).slice(0, 80);
  return el('div', { class: 'section' },
    el('div', { class: 'section-main' }, text, fields),
    block.accessory && el('div', { class: 'accessory' }, accessory(block.accessory, block, ctx, label)));
}

function accessory(element, block, ctx, label) {
  if (element.type === 'image') return picture(element, 'accessory-image');
  return drawElement(element, block, ctx, { 'aria-label': element.type === 'button' ? undefined : label, name: label });
}

function context(block, ctx) {
  return el('div', { class: 'context' }, (block.elements ?? []).map((element) => {
    if (element.type === 'image') return picture(element, 'context-image');
    return el('span', {}, textNodes(element, ctx.env));
  }));
}

/** An image from an address we may load, else its alternative text. */
function picture(element, kind) {
  const url = safeUrl(element.image_url ?? element.slack_file?.url);
  if (!url) return el('span', { class: 'unsupported' }, element.alt_text ?? 'Image');
  return el('img', { src: url, alt: element.alt_text ?? '', class: kind, loading: 'lazy', referrerpolicy: 'no-referrer' });
}

function image(block) {
  const title = block.title && el('figcaption', {}, textNodes(block.title));
  const url = safeUrl(block.image_url ?? block.slack_file?.url);
  return el('figure', {}, title, url ? link(url, picture(block, 'block-image')) : picture(block, 'block-image'));
}

/** A labelled field with its hint and its error. */
function input(block, ctx) {
  const id = uniqueId('field');
  const error = ctx.errors?.[block.block_id];
  const hintId = block.hint && `${id}-hint`;
  const errorId = `${id}-error`;
  const label = words(block.label);
  const field = {
    id, name: label, 'aria-labelledby': `${id}-label`, 'aria-required': block.optional ? undefined : 'true',
    'aria-describedby': [hintId, error && errorId].filter(Boolean).join(' ') || undefined, 'aria-invalid': error ? 'true' : undefined,
  };
  return el('div', { class: error ? 'input invalid' : 'input' },
    el('label', { for: id, id: `${id}-label` }, label, block.optional && el('span', { class: 'optional' }, ' (optional)')),
    drawElement(block.element ?? { type: 'nothing' }, block, ctx, field),
    el('div', { class: 'field-error', id: errorId, role: 'alert' }, error ?? ''),
    block.hint && el('div', { class: 'hint', id: hintId }, textNodes(block.hint, ctx.env)));
}
