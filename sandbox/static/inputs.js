// Fields a person types into.

import { el } from './dom.js';
import { bind, words } from './binding.js';

const TYPES = { email_text_input: 'email', url_text_input: 'url', plain_text_input: 'text' };

/** plain_text_input, email_text_input, url_text_input. */
export function textInput(element, block, ctx, field) {
  const { value, store, change } = bind(element, block, ctx, { value: element.initial_value ?? null }, textCheck(element));
  const tall = element.type === 'plain_text_input' && element.multiline;
  const counter = element.max_length ? el('span', { class: 'counter', 'aria-hidden': 'true' }) : null;
  const node = el(tall ? 'textarea' : 'input', {
    ...field, type: tall ? undefined : TYPES[element.type], rows: tall ? 4 : undefined, class: 'field', value: value.value ?? '',
    placeholder: words(element.placeholder) || undefined, autocomplete: 'off', 'data-autofocus': element.focus_on_load,
    on: { input: onInput, keydown: onKey },
  });

  function onInput() {
    store({ value: node.value || null });
    ctx.onEdit?.(block.block_id);
    count();
    if (triggers(element).includes('on_character_entered')) tell();
  }

  function onKey(event) {
    if (event.key !== 'Enter' || event.isComposing) return;
    const multiline = tall && !event.metaKey && !event.ctrlKey;
    if (multiline) return;
    if (block.dispatch_action && triggers(element).includes('on_enter_pressed')) {
      event.preventDefault();
      tell();
    }
  }

  const tell = () => block.dispatch_action && change({ value: node.value || null });

  function count() {
    if (!counter) return;
    const left = element.max_length - node.value.length;
    counter.textContent = left < 60 ? String(left) : '';
    counter.classList.toggle('over', left < 0);
  }

  count();
  return el('span', { class: 'field-wrap' }, node, counter);
}

const triggers = (element) => element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];

/** The words Slack's client uses before it sends anything. */
function textCheck(element) {
  return ({ value }) => {
    const text = value ?? '';
    if (element.min_length && text.length < element.min_length) return `This must be at least ${element.min_length} characters long.`;
    if (element.max_length && text.length > element.max_length) return `This must be ${element.max_length} characters or fewer.`;
    if (element.type === 'email_text_input' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return 'Please enter a valid email address.';
    if (element.type === 'url_text_input' && !/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text)) return 'Please enter a valid URL.';
    return null;
  };
}

/** number_input: the value stays text, as Slack sends it. */
export function numberInput(element, block, ctx, field) {
  const { value, store, change } = bind(element, block, ctx, { value: element.initial_value ?? null }, numberCheck(element));
  const node = el('input', {
    ...field, type: 'text', inputmode: element.is_decimal_allowed ? 'decimal' : 'numeric', class: 'field', value: value.value ?? '',
    placeholder: words(element.placeholder) || undefined, autocomplete: 'off', 'data-autofocus': element.focus_on_load,
    on: {
      input: () => {
        store({ value: node.value.trim() || null });
        ctx.onEdit?.(block.block_id);
      },
      keydown: (event) => {
        if (event.key === 'Enter' && block.dispatch_action) {
          event.preventDefault();
          change({ value: node.value.trim() || null });
        }
      },
    },
  });
  return el('span', { class: 'field-wrap' }, node);
}

function numberCheck({ is_decimal_allowed: decimals, min_value: min, max_value: max }) {
  return ({ value }) => {
    const shape = decimals ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
    if (!shape.test(value)) return decimals ? 'Please enter a number.' : 'Please enter a whole number.';
    if (min !== undefined && Number(value) < Number(min)) return `This must be ${min} or more.`;
    if (max !== undefined && Number(value) > Number(max)) return `This must be ${max} or less.`;
    return null;
  };
}
