// radio_buttons and checkboxes.

import { el, uniqueId } from './dom.js';
import { bind, textNodes } from './binding.js';

/** A group of options that are all visible. */
export function choices(element, block, ctx, field) {
  const several = element.type === 'checkboxes';
  const key = several ? 'selected_options' : 'selected_option';
  const initial = several ? element.initial_options ?? [] : element.initial_option ?? null;
  const { value, change } = bind(element, block, ctx, { [key]: initial });
  const options = element.options ?? [];
  const chosen = new Set((several ? value[key] : [value[key]]).filter(Boolean).map((option) => option.value));
  const name = uniqueId('choice');
  const group = el('div', {
    class: 'choices', role: several ? 'group' : 'radiogroup', id: field.id, tabindex: field.id ? -1 : undefined,
    'aria-labelledby': field['aria-labelledby'], 'aria-label': field['aria-label'], 'aria-describedby': field['aria-describedby'],
  }, options.map((option) => row(option)));

  function row(option) {
    const box = el('input', {
      type: several ? 'checkbox' : 'radio', name, checked: chosen.has(option.value), value: option.value, on: { change: changed },
    });
    return el('label', { class: 'choice' }, box,
      el('span', {}, textNodes(option.text, ctx.env), option.description && el('small', {}, textNodes(option.description, ctx.env))));
  }

  function changed() {
    const picked = [...group.querySelectorAll('input')].flatMap((box, index) => (box.checked ? [options[index]] : []));
    change({ [key]: several ? picked : picked[0] ?? null }, group);
  }

  return group;
}
