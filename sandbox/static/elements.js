// Block Kit's interactive elements: which drawing belongs to which type, buttons and overflow menus.

import { act, textNodes, words } from './binding.js';
import { choices } from './choices.js';
import { dateInput, dateTimeInput, timeInput } from './dates.js';
import { el, icon, safeUrl } from './dom.js';
import { numberInput, textInput } from './inputs.js';
import { openMenu } from './layers.js';
import { menuSelect } from './menus.js';

const DRAWINGS = {
  button,
  workflow_button: button,
  overflow,
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: numberInput,
  radio_buttons: choices,
  checkboxes: choices,
  datepicker: dateInput,
  timepicker: timeInput,
  datetimepicker: dateTimeInput,
};

/**
 * Draw one element. `ctx`: env, form, dispatch(action) → Promise, surface.
 * `label` names the field for screen readers; `ids` ties it to its hint and error.
 */
export function drawElement(element, block, ctx, field = {}) {
  const draw = DRAWINGS[element.type] ?? (/_select$/.test(element.type) && !/external/.test(element.type) ? menuSelect : null);
  if (!draw) return unsupported('element', element.type);
  return draw(element, block, ctx, field);
}

/** What stands in for anything this page cannot draw. */
export function unsupported(what, type) {
  return el('div', { class: 'unsupported', role: 'note' }, `Unsupported ${what}: ${type}`);
}

function button(element, block, ctx) {
  const style = ['primary', 'danger'].includes(element.style) ? element.style : '';
  const value = { text: element.text, ...(element.value === undefined ? {} : { value: element.value }) };
  const target = element.url ? safeUrl(element.url) : null;
  const node = el('button', {
    type: 'button', class: `button ${style}`, 'aria-label': element.accessibility_label, 'data-action': element.action_id,
    title: target ? `Opens ${target}` : undefined,
    on: {
      click: () => {
        if (node.classList.contains('busy')) return;
        if (target) window.open(target, '_blank', 'noopener,noreferrer');
        act(element, block, ctx, value, node);
      },
    },
  }, textNodes(element.text, ctx.env));
  return node;
}

function overflow(element, block, ctx) {
  const node = el('button', {
    type: 'button', class: 'button overflow', 'aria-label': 'More choices', 'aria-haspopup': 'menu', 'data-action': element.action_id,
    on: { click: () => openMenu(node, 'More choices', (element.options ?? []).map(item)) },
  }, icon('more'));
  const item = (option) => ({
    label: words(option.text),
    note: words(option.description),
    run: () => {
      if (safeUrl(option.url)) window.open(option.url, '_blank', 'noopener,noreferrer');
      act(element, block, ctx, { selected_option: option }, node);
    },
  });
  return node;
}
