// One select for all of Slack's menus: single or multiple, with a filter when the list is long.

import { el, fill, icon, uniqueId } from './dom.js';
import { openPopup } from './layers.js';

const FILTER_FROM = 8;

/**
 * options: [{value, label, description?, group?}]; selected: [value...].
 * onChange receives the selected values. Returns the node that stands in the form.
 */
export function selectBox({ options, selected, multiple = false, clearable = false, placeholder, label, limit, onChange }) {
  let chosen = selected.filter((value) => options.some((option) => option.value === value));
  const labelOf = (value) => options.find((option) => option.value === value)?.label ?? value;
  const trigger = el('button', {
    type: 'button', class: 'select-trigger', role: 'combobox', 'aria-haspopup': 'listbox', 'aria-expanded': 'false',
    on: { click: () => toggle(), keydown: openOnArrow },
  });
  const chips = multiple ? el('span', { class: 'chips' }) : null;
  const clear = clearable && !multiple
    ? el('button', { type: 'button', class: 'select-clear', 'aria-label': 'Clear selection', on: { click: () => change([]) } }, icon('close'))
    : null;
  let closeList = null;

  function openOnArrow(event) {
    if (event.key !== 'ArrowDown' || closeList) return;
    event.preventDefault();
    toggle();
  }

  function draw() {
    const single = chosen.length && !multiple ? labelOf(chosen[0]) : null;
    const name = single ?? (chosen.length && multiple ? 'Add another' : placeholder);
    fill(trigger, el('span', { class: single ? 'chosen' : 'placeholder' }, name), icon('down'));
    trigger.setAttribute('aria-label', `${label}: ${chosen.map(labelOf).join(', ') || placeholder}`);
    if (clear) clear.hidden = chosen.length === 0;
    if (chips) fill(chips, chosen.map(chip));
  }

  function chip(value) {
    const remove = () => change(chosen.filter((other) => other !== value));
    return el('span', { class: 'chip' }, labelOf(value),
      el('button', { type: 'button', 'aria-label': `Remove ${labelOf(value)}`, on: { click: remove } }, icon('close')));
  }

  function change(next) {
    chosen = next;
    draw();
    onChange(chosen);
  }

  function pick(value) {
    if (!multiple) {
      closeList?.();
      if (chosen[0] !== value) change([value]);
      return;
    }
    const without = chosen.filter((other) => other !== value);
    if (without.length < chosen.length) change(without);
    else if (!limit || chosen.length < limit) change([...chosen, value]);
  }

  function toggle() {
    if (closeList) {
      closeList();
      return;
    }
    const panel = listPanel({ options, isChosen: (value) => chosen.includes(value), label, multiple, pick });
    trigger.setAttribute('aria-expanded', 'true');
    closeList = openPopup(trigger, panel.node, {
      sameWidth: true,
      onClose: () => {
        closeList = null;
        trigger.setAttribute('aria-expanded', 'false');
      },
    });
    panel.focus();
  }

  draw();
  return el('span', { class: 'select' }, chips, el('span', { class: 'select-row' }, trigger, clear));
}

/** The opened list: arrows move, Enter picks, typing filters. */
function listPanel({ options, isChosen, label, multiple, pick }) {
  const listId = uniqueId('options');
  const filtering = options.length >= FILTER_FROM;
  const list = el('ul', { id: listId, role: 'listbox', 'aria-label': label, tabindex: filtering ? -1 : 0, 'aria-multiselectable': multiple });
  const filter = filtering && el('input', {
    type: 'text', class: 'filter', placeholder: 'Filter', 'aria-label': `Filter ${label}`, 'aria-controls': listId, autocomplete: 'off',
    on: { input: () => draw() },
  });
  const node = el('div', { class: 'options', on: { keydown: onKey } }, filter, list);
  const keys = filter || list;
  let active = Math.max(0, options.findIndex((option) => isChosen(option.value)));
  let shown = options;

  function draw() {
    const wanted = (filter ? filter.value : '').trim().toLowerCase();
    shown = options.filter((option) => option.label.toLowerCase().includes(wanted));
    active = Math.min(active, Math.max(0, shown.length - 1));
    fill(list, shown.length ? shown.flatMap(row) : el('li', { class: 'none' }, 'No matches'));
    mark();
  }

  function row(option, index) {
    const newGroup = option.group && option.group !== shown[index - 1]?.group;
    const item = el('li', {
      id: `${listId}-${index}`, role: 'option', 'aria-selected': String(isChosen(option.value)), 'data-value': option.value,
      on: { click: () => choose(index), pointermove: () => { active = index; mark(); } },
    }, el('span', {}, option.label), option.description && el('small', {}, option.description));
    return newGroup ? [el('li', { class: 'group', role: 'presentation' }, option.group), item] : [item];
  }

  function choose(index) {
    pick(shown[index].value);
    if (multiple) draw();
  }

  function mark() {
    for (const item of list.querySelectorAll('[role=option]')) item.classList.toggle('active', item.id === `${listId}-${active}`);
    keys.setAttribute('aria-activedescendant', `${listId}-${active}`);
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      event.preventDefault();
      active = (active + step + shown.length) % shown.length;
      mark();
      list.querySelector('.active')?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' || (event.key === ' ' && !filter)) {
      event.preventDefault();
      event.stopPropagation();
      if (shown[active]) choose(active);
    }
  }

  draw();
  return { node, focus: () => { keys.focus(); list.querySelector('.active')?.scrollIntoView({ block: 'nearest' }); } };
}
